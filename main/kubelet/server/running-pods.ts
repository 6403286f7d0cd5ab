import { sandboxOf } from '../pod/pod-records.ts'
import type { PodState } from '../pod/pod-state.ts'

/** `/runningpods/`: what the runtime tells of pods, which is not what the API server wants (pkg/kubelet/container, ToAPIPod). */
export function runningPods(states: Iterable<PodState>): object {
  const items = [...states].flatMap(({ identity, records }) => {
    const containers = records.containers.filter(({ state }) => state === 'running')
    if (containers.length === 0 && !sandboxOf(records).sandbox) return []
    const { name, namespace, uid } = identity
    const spec = { containers: containers.map(({ name, image }) => ({ name, image, resources: {} })) }
    return [{ metadata: { name, namespace, uid }, spec, status: {} }]
  })
  return { kind: 'PodList', apiVersion: 'v1', metadata: {}, items }
}
