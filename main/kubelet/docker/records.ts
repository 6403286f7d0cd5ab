import type { ContainerInspectInfo } from 'dockerode'
import type { ContainerRecord } from '../runtime.ts'
import {
  ATTEMPT,
  CONTAINER_HASH,
  CONTAINER_NAME,
  GRACE_PERIOD,
  IMAGE,
  IMAGE_REF,
  MESSAGE_PATH,
  MESSAGE_POLICY,
  numberOf,
  podOf,
  SANDBOX_ID,
} from './labels.ts'

/** Milliseconds since the epoch; the engine's zero time becomes 0. */
export function toMillis(time: string): number {
  const ms = Date.parse(time)
  return Number.isNaN(ms) || ms < 0 ? 0 : ms
}

/** A container as its labels and state tell. The termination message is not in them: see readTerminationMessage. */
export function recordOf(info: ContainerInspectInfo): ContainerRecord {
  const labels = info.Config.Labels
  return {
    id: info.Id,
    pod: podOf(labels),
    sandboxId: labels[SANDBOX_ID] ?? '',
    name: labels[CONTAINER_NAME] ?? '',
    attempt: numberOf(labels, ATTEMPT),
    hash: labels[CONTAINER_HASH] ?? '',
    image: labels[IMAGE] ?? info.Config.Image,
    imageRef: labels[IMAGE_REF] ?? info.Image,
    createdAt: toMillis(info.Created),
    terminationGracePeriodSeconds: numberOf(labels, GRACE_PERIOD),
    ...stateOf(info),
  }
}

type State = Pick<ContainerRecord, 'state' | 'startedAt' | 'finishedAt' | 'exitCode' | 'signal' | 'reason' | 'message'>

/**
 * The cases of cri-dockerd's core/container_status.go. A container that failed to start has an exit code (126 to 128, by
 * the engine's guess) but no end: it is told as containerd tells it, in whose words users know it.
 */
function stateOf({ State: state, Created }: ContainerInspectInfo): State {
  const startedAt = toMillis(state.StartedAt)
  const finishedAt = toMillis(state.FinishedAt)
  const ended = { exitCode: state.ExitCode, signal: 0, message: state.Error }
  if (state.Running)
    return { state: 'running', startedAt, finishedAt: 0, exitCode: 0, signal: 0, reason: '', message: '' }
  if (finishedAt > 0) {
    const reason = state.OOMKilled ? 'OOMKilled' : state.ExitCode === 0 ? 'Completed' : 'Error'
    return { state: 'exited', startedAt, finishedAt, ...ended, reason }
  }
  if (state.ExitCode !== 0) {
    const created = toMillis(Created)
    return { state: 'exited', startedAt: created, finishedAt: created, ...ended, exitCode: 128, reason: 'StartError' }
  }
  return { state: 'created', startedAt: 0, finishedAt: 0, exitCode: 0, signal: 0, reason: '', message: '' }
}

/** Where a container's termination message is on the engine's host, and whether its log may stand in. */
export function terminationMessageSource(info: ContainerInspectInfo): { hostPath?: string; fallbackToLogs: boolean } {
  const labels = info.Config.Labels
  const mount = info.Mounts.find(m => m.Destination === labels[MESSAGE_PATH])
  return {
    ...(mount && { hostPath: mount.Source }),
    fallbackToLogs: labels[MESSAGE_POLICY] === 'FallbackToLogsOnError' && info.State.ExitCode !== 0,
  }
}
