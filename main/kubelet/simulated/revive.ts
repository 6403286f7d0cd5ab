import type { ContainerStatus, Pod } from '../../../shared/api/core.ts'
import { containerHash } from '../container/container-hash.ts'
import { allContainers, type PodRecords } from '../pod/pod-records.ts'
import type { ContainerRecord, Sandbox } from '../runtime.ts'

/** An id of a sandbox or container: a counter in as many hexadecimal digits as Docker's ids have. */
export const idOf = (count: number): string => count.toString(16).padStart(64, '0')

/**
 * What a simulated runtime had of these pods, told by their statuses, and the highest id that was given out. Nothing ran, so nothing has stopped with the
 * process that simulated it: the kubelet finds its containers as it would on a Docker Engine.
 */
export function revive(pods: readonly Pod[]): PodRecords & { ids: number } {
  const records: PodRecords = { sandboxes: [], containers: [] }
  const statuses = pods.map(({ status }) => [
    ...(status?.initContainerStatuses ?? []),
    ...(status?.containerStatuses ?? []),
  ])
  let ids = Math.max(0, ...statuses.flat().map(status => Number.parseInt(idIn(status), 16) || 0))
  pods.forEach((pod, at) => {
    const sandbox = sandboxOf(pod, idOf(++ids))
    if (sandbox.ip === '' && !pod.spec.hostNetwork) return
    records.sandboxes.push(sandbox)
    for (const status of statuses[at] ?? []) {
      const record = containerOf(pod, sandbox, status)
      if (record) records.containers.push(record)
    }
  })
  return { ...records, ids }
}

const idIn = ({ containerID = '' }: ContainerStatus) => containerID.slice(containerID.lastIndexOf('/') + 1)
const milliseconds = (time: string | undefined) => (time === undefined ? 0 : Date.parse(time))

function sandboxOf({ metadata: { name, namespace = '', uid }, status }: Pod, id: string): Sandbox {
  const createdAt = milliseconds(status?.startTime)
  return { id, pod: { namespace, name, uid }, attempt: 0, state: 'ready', ip: status?.podIP ?? '', createdAt }
}

/** Undefined for a container that was never started, and for one that the pod does not name. */
function containerOf(pod: Pod, sandbox: Sandbox, status: ContainerStatus): ContainerRecord | undefined {
  const container = allContainers(pod).find(({ name }) => name === status.name)
  const { running, terminated = status.lastState?.terminated } = status.state ?? {}
  if (!container || idIn(status) === '' || (!running && !terminated)) return undefined
  const startedAt = milliseconds(running?.startedAt ?? terminated?.startedAt)
  return {
    id: idIn(status),
    pod: sandbox.pod,
    sandboxId: sandbox.id,
    name: status.name,
    attempt: status.restartCount,
    hash: containerHash(container),
    image: status.image,
    imageRef: status.imageID,
    state: running ? 'running' : 'exited',
    createdAt: startedAt,
    startedAt,
    finishedAt: running ? 0 : milliseconds(terminated?.finishedAt),
    exitCode: running ? 0 : (terminated?.exitCode ?? 0),
    signal: 0,
    reason: running ? '' : (terminated?.reason ?? ''),
    message: running ? '' : (terminated?.message ?? ''),
    terminationGracePeriodSeconds: pod.spec.terminationGracePeriodSeconds ?? 30,
  }
}
