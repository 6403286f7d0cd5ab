import type { Clock } from '../../../shared/machinery/clock.ts'
import { timeout } from '../../../shared/machinery/status.ts'

/** Upstream's --request-timeout. */
const requestTimeout = 60_000

/** Answers 504 to what takes too long, with one timer for all requests under way; once disposed of, it limits nothing. */
export interface Deadlines extends Disposable {
  limit<T>(work: Promise<T>): Promise<T>
}

interface Pending {
  readonly deadline: number
  expire(): void
}

export function createDeadlines(clock: Clock): Deadlines {
  // In order of arrival, and so of their deadlines.
  const pending = new Set<Pending>()
  let timer: Disposable | undefined
  let disposed = false

  const sweep = () => {
    timer = undefined
    for (const entry of pending) {
      if (entry.deadline > clock.now()) {
        timer = clock.setTimeout(sweep, entry.deadline - clock.now())
        return
      }
      pending.delete(entry)
      entry.expire()
    }
  }
  return {
    limit(work) {
      if (disposed) return work
      return new Promise((resolve, reject) => {
        const entry: Pending = {
          deadline: clock.now() + requestTimeout,
          expire: () => reject(timeout('Timeout: request did not complete within the allotted timeout')),
        }
        pending.add(entry)
        timer ??= clock.setTimeout(sweep, requestTimeout)
        const settled = () => pending.delete(entry)
        work.then(resolve, reject)
        work.then(settled, settled)
      })
    },
    [Symbol.dispose]() {
      disposed = true
      pending.clear()
      timer?.[Symbol.dispose]()
    },
  }
}
