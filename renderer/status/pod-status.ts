import type { Container, ContainerStatus, Pod } from '../../shared/api/core.ts'
import { condition, since, type Mark, type ObjectStatus } from './status.ts'

/** Restarts in the last two hours are worth a look. */
const recent = 2 * 60 * 60_000
/** A pod may be not ready for this long before it is worth a look. */
const patience = 30_000

const failed = new Set([
  'CrashLoopBackOff',
  'ImagePullBackOff',
  'ErrImagePull',
  'ErrImageNeverPull',
  'InvalidImageName',
  'ImageInspectError',
  'RegistryUnavailable',
  'CreateContainerConfigError',
  'CreateContainerError',
  'CreatePodSandboxError',
  'RunContainerError',
  'RuntimeUnavailable',
  'ContainerCannotRun',
  'StartError',
  'PostStartHookError',
  'Error',
  'OOMKilled',
  'Evicted',
  'Failed',
  'DeadlineExceeded',
  'UnexpectedAdmissionError',
])

/** The word `kubectl get pods` prints under STATUS (printers/internalversion/printers.go, printPod). */
function podReason(pod: Pod): string {
  const { status, metadata, spec } = pod
  if (metadata.deletionTimestamp) return status?.reason === 'NodeLost' ? 'Unknown' : 'Terminating'
  const phase = status?.reason ?? status?.phase ?? 'Unknown'
  const scheduled = condition(pod, 'PodScheduled')
  const reason = scheduled?.reason === 'SchedulingGated' ? 'SchedulingGated' : phase
  const init = initReason(pod)
  if (init) return init
  const containers = status?.containerStatuses ?? []
  const shown = containers.findLast(c => c.state?.waiting?.reason ?? c.state?.terminated)
  const own = shown ? stateReason(shown) : undefined
  if (own === 'Completed' && containers.some(c => c.ready && c.state?.running)) {
    return condition(pod, 'Ready')?.status === 'True' ? 'Running' : 'NotReady'
  }
  return own ?? (spec.containers.length > 0 ? reason : phase)
}

/** `Init:1/2`, `Init:CrashLoopBackOff`; undefined once the init containers are through. */
function initReason(pod: Pod): string | undefined {
  const all = pod.spec.initContainers ?? []
  for (const [index, status] of (pod.status?.initContainerStatuses ?? []).entries()) {
    const sidecar = all.find(c => c.name === status.name)?.restartPolicy === 'Always'
    if (status.state?.terminated?.exitCode === 0 || (sidecar && status.started)) continue
    const waiting = status.state?.waiting?.reason
    if (status.state?.terminated || (waiting && waiting !== 'PodInitializing')) return `Init:${stateReason(status)}`
    return `Init:${index}/${all.length}`
  }
  return undefined
}

function stateReason({ state }: ContainerStatus): string {
  const ended = state?.terminated
  if (!ended) return state?.waiting?.reason ?? ''
  return ended.reason || (ended.signal ? `Signal:${ended.signal}` : `ExitCode:${ended.exitCode}`)
}

/** The pod's own state; the context of other objects does not matter to it. */
export function podStatus(pod: Pod, now: number): ObjectStatus {
  const word = podReason(pod)
  if (word === 'Running') return running(pod, now)
  if (word === 'NotReady') return { mark: 'warn', word: 'Running', note: 'notReady' }
  if (pod.status?.phase === 'Failed') {
    const { reason } = pod.status
    return { mark: 'err', word, ...(reason && reason !== word && { note: reason }) }
  }
  return { mark: markOf(word), word }
}

/** The condition that tells why a resize has not come to its end; undefined if none waits. */
export function resizeTrouble(pod: Pod): ReturnType<typeof condition> {
  const pending = condition(pod, 'PodResizePending')
  if (pending?.status === 'True') return pending
  const inProgress = condition(pod, 'PodResizeInProgress')
  return inProgress?.status === 'True' && inProgress.reason === 'Error' ? inProgress : undefined
}

/** In the order in which they start. */
export function allContainers({ spec }: Pod): Container[] {
  return [...(spec.initContainers ?? []), ...spec.containers]
}

function running(pod: Pod, now: number): ObjectStatus {
  const ready = condition(pod, 'Ready')
  if (ready?.status !== 'True') {
    const long = since(ready?.lastTransitionTime ?? pod.status?.startTime, now) > patience
    return { mark: long ? 'warn' : 'pend', word: 'Running', note: 'notReady' }
  }
  if (resizeTrouble(pod)) return { mark: 'warn', word: 'Running', note: 'notResized' }
  const last = lastRestart(pod)
  if (last && now - last < recent) return { mark: 'warn', word: 'Running', note: 'restarted' }
  return { mark: 'ok', word: 'Running' }
}

function markOf(word: string): Mark {
  const bare = word.replace(/^Init:/, '')
  if (failed.has(bare) || /^(ExitCode|Signal):/.test(bare)) return 'err'
  if (word === 'Completed' || word === 'Succeeded') return 'done'
  if (word === 'Unknown') return 'unk'
  return /^Err|Error$|BackOff$/.test(bare) ? 'err' : 'pend'
}

/** Restarts of all containers, init containers that ended well left out. */
export function restartsOf(pod: Pod): number {
  return [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])].reduce(
    (sum, c) => sum + c.restartCount,
    0,
  )
}

/** When a container last ended and was started again, in milliseconds since the epoch; undefined if none was. */
export function lastRestart(pod: Pod): number | undefined {
  const ends = (pod.status?.containerStatuses ?? [])
    .filter(c => c.restartCount > 0)
    .map(c => c.lastState?.terminated?.finishedAt)
    .filter(time => time !== undefined)
  return ends.length > 0 ? Math.max(...ends.map(time => Date.parse(time))) : undefined
}
