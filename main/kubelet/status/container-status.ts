import type { Container, ContainerStatus, Pod } from '../../../shared/api/core.ts'
import { toTime } from '../../../shared/machinery/clock.ts'
import { history, isSidecar } from '../pod/pod-records.ts'
import type { PodRecords } from '../pod/pod-records.ts'
import { restartingAll } from '../pod/restart-policy.ts'
import type { ContainerRecord } from '../runtime.ts'
import { mountStatuses } from '../volumes/recursive-read-only.ts'

/** Why a container waits, for its status. */
export interface WaitingReason {
  reason: string
  message?: string
}

export interface ContainerStatusInput {
  pod: Pod
  records: PodRecords
  /** Why containers can't start, by name. */
  waiting: ReadonlyMap<string, WaitingReason>
  /** Startup and readiness of a running container. */
  started(containerId: string): boolean
  ready(containerId: string): boolean
  /** All containers were removed to run again, and have not yet been started. */
  restartingAll?: boolean
  /** See RuntimeInfo. */
  recursiveReadOnly?: boolean
  /** What a container is granted, and what it runs with. */
  resources?(name: string): { allocated: Resources | undefined; actuated: Resources | undefined }
}

type Resources = NonNullable<Container['resources']>

/** Upstream's scheme of a Docker container's id. */
const containerId = (record: ContainerRecord): string => `docker://${record.id}`

/**
 * One container's status (pkg/kubelet/kubelet_pods.go, convertToAPIContainerStatuses). `unstarted` is the waiting
 * reason of a container nobody has tried to start: ContainerCreating, or PodInitializing while init containers run.
 */
export function containerStatus(container: Container, unstarted: string, input: ContainerStatusInput): ContainerStatus {
  const { pod, records, waiting } = input
  const [record, before] = history(records, container.name)
  const known = previousStatus(pod, container.name)
  const why = waiting.get(container.name)
  const base = {
    name: container.name,
    image: container.image ?? '',
    imageID: '',
    ready: false,
    started: false,
    restartCount: 0,
    ...mountStatuses(container, input.recursiveReadOnly ?? false),
  }
  if (!record) {
    if (input.restartingAll && known?.state && !known.state.waiting) return removed(base, known)
    // Its record was removed by hand: what was known of its end stays true.
    if (known?.state?.terminated && !why) return known
    const lost = known?.state?.running !== undefined
    return {
      ...base,
      restartCount: (known?.restartCount ?? 0) + (lost && pod.metadata.deletionTimestamp === undefined ? 1 : 0),
      state: { waiting: why ?? { reason: unstarted } },
      lastState: lost ? { terminated: lostTermination } : (known?.lastState ?? {}),
    }
  }
  const status = {
    ...base,
    image: record.image,
    imageID: record.imageRef,
    containerID: containerId(record),
    restartCount: record.attempt,
    ...resourcesOf(container, input),
    lastState: before?.state === 'exited' ? { terminated: termination(before, known) } : lastStateOf(known, record),
  }
  switch (record.state) {
    case 'created':
      return { ...status, state: { waiting: why ?? { reason: unstarted } } }
    case 'running': {
      const init = (pod.spec.initContainers ?? []).some(c => c.name === container.name && !isSidecar(c))
      const started = !init && input.started(record.id)
      const state = { running: { startedAt: toTime(record.startedAt) } }
      return { ...status, state, started, ready: started && input.ready(record.id) }
    }
    case 'exited': {
      const terminated = termination(record, known)
      if (why) return { ...status, state: { waiting: why }, lastState: { terminated } }
      const init = (pod.spec.initContainers ?? []).some(c => c.name === container.name && !isSidecar(c))
      return { ...status, state: { terminated }, ready: init && record.exitCode === 0 }
    }
  }
}

/** What it is granted and what it has (convertContainerStatusResources); nothing of ephemeral containers. */
function resourcesOf({ name }: Container, input: ContainerStatusInput): Partial<ContainerStatus> {
  const { allocated, actuated } = input.resources?.(name) ?? {}
  if (!allocated) return {}
  return { resources: actuated ?? allocated, ...(allocated.requests && { allocatedResources: allocated.requests }) }
}

/** What the pod's status says of a container of any kind. */
export function previousStatus(pod: Pod, name: string): ContainerStatus | undefined {
  const { containerStatuses = [], initContainerStatuses = [], ephemeralContainerStatuses = [] } = pod.status ?? {}
  return [...initContainerStatuses, ...containerStatuses, ...ephemeralContainerStatuses].find(s => s.name === name)
}

/** How a container ended. Its message is read from a file that goes with the pod's volumes: then what was known stays true. */
function termination(record: ContainerRecord, known: ContainerStatus | undefined) {
  const told = [known?.state?.terminated, known?.lastState?.terminated].find(
    t => t?.containerID === containerId(record),
  )
  const message = record.message || told?.message
  return {
    exitCode: record.exitCode,
    ...(record.signal !== 0 && { signal: record.signal }),
    reason: record.reason,
    ...(message && { message }),
    ...(record.startedAt !== 0 && { startedAt: toTime(record.startedAt) }),
    ...(record.finishedAt !== 0 && { finishedAt: toTime(record.finishedAt) }),
    containerID: containerId(record),
  }
}

/** What was known of the end before this container's; the own one is no more that, once nothing waits to start it again. */
function lastStateOf(
  known: ContainerStatus | undefined,
  record: ContainerRecord,
): NonNullable<ContainerStatus['lastState']> {
  const { lastState = {} } = known ?? {}
  return lastState.terminated?.containerID === containerId(record) ? {} : lastState
}

/** A container that ran and that the runtime knows no more. */
const lostTermination = {
  exitCode: 137,
  reason: 'ContainerStatusUnknown',
  message: 'The container could not be located when the pod was deleted.  The container used to be Running',
}

/** One that went because another container asked for all to run again. */
function removed(base: ContainerStatus, known: ContainerStatus): ContainerStatus {
  const why = { reason: restartingAll, message: 'The container is removed because RestartAllContainers in place' }
  return {
    ...base,
    restartCount: known.restartCount + 1,
    state: { waiting: why },
    lastState: { terminated: { ...why, exitCode: 137 } },
  }
}

/** What is told of a container of a pod that has come to its end, if nobody saw the container's (status_manager.go, TerminatePod). */
export function ended(status: ContainerStatus): ContainerStatus {
  if (status.state?.terminated) return status
  const message = 'The container could not be located when the pod was terminated'
  return { ...status, state: { terminated: { exitCode: 137, reason: 'ContainerStatusUnknown', message } } }
}
