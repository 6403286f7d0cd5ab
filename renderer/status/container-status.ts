import type { ContainerStatus } from '../../shared/api/core.ts'
import type { ObjectStatus } from './status.ts'

/** The state of one container; undefined means that the kubelet has not reported it yet. */
export function containerStatus(status: ContainerStatus | undefined): ObjectStatus {
  const { running, terminated, waiting } = status?.state ?? {}
  if (running)
    return status?.ready === false && status.started !== true
      ? { mark: 'pend', word: 'Running', note: 'notReady' }
      : { mark: status?.ready ? 'ok' : 'warn', word: 'Running', ...(!status?.ready && { note: 'notReady' }) }
  if (terminated)
    return terminated.exitCode === 0
      ? { mark: 'done', word: terminated.reason || 'Completed' }
      : { mark: 'err', word: terminated.reason || `ExitCode:${terminated.exitCode}` }
  const reason = waiting?.reason ?? 'NoReport'
  const quiet = ['ContainerCreating', 'PodInitializing'].includes(reason)
  return reason === 'NoReport' ? { mark: 'unk', word: reason } : { mark: quiet ? 'pend' : 'err', word: reason }
}
