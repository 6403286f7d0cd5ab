import type { Pod } from '../../../shared/api/core.ts'
import type { KubeletParts } from '../kubelet-parts.ts'
import { isCritical } from '../critical.ts'
import type { PodState } from '../pod/pod-state.ts'
import { exceededLimit, storageLimits } from './storage-limits.ts'
import { storageUsage } from './storage-usage.ts'

/** Upstream's monitoring interval of the eviction manager. */
const interval = 10_000

interface Options {
  state: PodState
  parts: KubeletParts
  /** Called when the pod uses more than it may. */
  exceeded: (message: string) => void
}

/** Measures what a pod writes, every ten seconds as long as it has a limit and something of it runs; else nothing. */
export function watchStorage({ state, parts, exceeded }: Options): { update(pod: Pod): void } & Disposable {
  let limits: ReturnType<typeof storageLimits>
  let timer: Disposable | undefined
  let stopped = false

  async function check() {
    if (!limits) return
    try {
      const message = exceededLimit(limits, await storageUsage(state, parts))
      if (message !== undefined && !stopped) exceeded(message)
    } catch (error) {
      parts.log.debug('The storage of a pod could not be measured', { error })
    }
  }
  function wait() {
    timer ??= parts.clock.setTimeout(() => {
      timer = undefined
      const running = state.records.containers.some(record => record.state === 'running')
      if (!running) wait()
      else void check().then(() => !stopped && limits && wait())
    }, interval)
  }

  return {
    update(pod) {
      limits = isCritical(pod) ? undefined : storageLimits(pod)
      if (limits && !stopped) wait()
    },
    [Symbol.dispose]() {
      stopped = true
      timer?.[Symbol.dispose]()
    },
  }
}
