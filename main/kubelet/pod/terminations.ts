import type { ContainerStatus } from '../../../shared/api/core.ts'
import type { PodStatus } from '../status/pod-status.ts'

/** How often containers of one kind ended in one way. */
export interface Termination {
  type: 'init_container' | 'container' | 'ephemeral_container'
  exitCode: number
  reason: string
  count: number
}

export interface Terminations {
  /** Counts the containers that a status is the first to tell the end of. */
  count(before: PodStatus | undefined, now: PodStatus): void
  all(): Iterable<Termination>
}

const lists = [
  ['init_container', 'initContainerStatuses'],
  ['container', 'containerStatuses'],
  ['ephemeral_container', 'ephemeralContainerStatuses'],
] as const

/** The counter of ended containers by kind, exit code and reason (pkg/kubelet/status/status_manager.go, updateStatusInternal). */
export function createTerminations(): Terminations {
  const known = new Map<string, Termination>()
  return {
    count(before, now) {
      for (const [type, list] of lists) {
        const had = new Set((before?.[list] ?? []).filter(s => endOf(s)).map(({ name }) => name))
        for (const status of now[list] ?? []) {
          const end = endOf(status)
          if (!end || had.has(status.name)) continue
          const { exitCode, reason = '' } = end
          const key = `${type}/${exitCode}/${reason}`
          known.set(key, { type, exitCode, reason, count: (known.get(key)?.count ?? 0) + 1 })
        }
      }
    },
    all: () => known.values(),
  }
}

const endOf = (status: ContainerStatus) => status.state?.terminated
