import type { DaemonSet } from '../../../shared/api/apps.ts'
import type { Node, Pod } from '../../../shared/api/core.ts'
import type { ControllerContext } from '../../../shared/client/controller.ts'
import { availableAt, isReady } from '../pod-state.ts'
import { isUpdated } from './daemon-pods.ts'
import type { FailedPodsBackoff } from './failed-pods-backoff.ts'
import { placementOn } from './placement.ts'
import { allowsSurge, type Changes } from './rolling-update.ts'

interface Given {
  set: DaemonSet
  nodes: readonly Node[]
  /** Daemon pods by node. */
  pods: ReadonlyMap<string, Pod[]>
  hash: string
}

/**
 * What it takes for each node to have its daemon pod (daemon_controller.go manage). `retryAfter` (ms) says when pods that
 * failed may be replaced.
 */
export function manage(
  given: Given,
  { backoff, context }: { backoff: FailedPodsBackoff; context: Pick<ControllerContext, 'recorder' | 'clock'> },
): Changes & { retryAfter: number | undefined } {
  const { set, nodes, pods } = given
  const now = context.clock.now()
  const create: string[] = []
  const remove: Pod[] = []
  const waits: number[] = []

  function isEnding(pod: Pod, node: string): boolean {
    const { namespace = '', name } = pod.metadata
    if (pod.status?.phase === 'Failed') {
      const wait = backoff.wait(`${set.metadata.uid}/${set.status?.observedGeneration ?? 0}/${node}`, now)
      if (wait > 0) waits.push(wait)
      if (wait > 0) return true
      const message = `Found failed daemon pod ${namespace}/${name} on node ${node}, will try to kill it`
      context.recorder.event(set, 'Warning', 'FailedDaemonPod', message)
    } else if (pod.status?.phase === 'Succeeded') {
      const message = `Found succeeded daemon pod ${namespace}/${name} on node ${node}, will try to delete it`
      context.recorder.event(set, 'Normal', 'SucceededDaemonPod', message)
    } else return false
    remove.push(pod)
    return true
  }

  for (const node of nodes) {
    const { name } = node.metadata
    const { shouldRun, mayStay } = placementOn(node, set)
    const all = pods.get(name) ?? []
    const staying = all.filter(pod => !pod.metadata.deletionTimestamp)
    if (shouldRun && all.length === 0) create.push(name)
    else if (!mayStay) remove.push(...staying)
    else {
      const running = staying.filter(pod => !isEnding(pod, name))
      // With surge, the new pod does not wait for the old one to be gone.
      if (running.length === 0 && shouldRun && allowsSurge(set)) create.push(name)
      remove.push(...(allowsSurge(set) ? surplusOfSurge(given, running, now) : running.slice(1)))
    }
  }
  // Nobody else deletes what waits for a node that is gone.
  const known = new Set(nodes.map(({ metadata }) => metadata.name))
  for (const [node, waiting] of pods) if (!known.has(node)) remove.push(...waiting.filter(pod => !pod.spec.nodeName))
  return { create, remove, retryAfter: waits.length > 0 ? Math.min(...waits) : undefined }
}

/** Two pods may be on a node: an old one that is ready, and a new one that is not available yet. */
function surplusOfSurge({ set, hash }: Given, running: readonly Pod[], now: number): Pod[] {
  const isNew = (pod: Pod) => isUpdated(set, pod, hash)
  const [newest, old] = [running.find(isNew), running.find(pod => !isNew(pod))]
  const surplus = running.filter(pod => pod !== newest && pod !== old)
  if (!newest || !old) return surplus
  const isAvailable = (availableAt(newest, set.spec.minReadySeconds ?? 0) ?? Infinity) <= now
  return isAvailable || !isReady(old) ? [...surplus, old] : surplus
}
