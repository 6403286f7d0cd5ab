import type { Clock } from '../../../shared/machinery/clock.ts'
import { parseGoDuration } from '../../../shared/machinery/go-duration.ts'
import { badRequest, timeout } from '../../../shared/machinery/status.ts'

/** Upstream's --request-timeout. */
const requestTimeout = 60_000

/** Answers 504 to what takes too long, with one timer for all requests under way; once disposed of, it limits nothing. */
export interface Deadlines extends Disposable {
  /** `within` in ms, at most what `timeAllowed` gives. */
  limit<T>(work: Promise<T>, within?: number): Promise<T>
}

/** How many ms a request may take: the client's `timeout` if that is shorter (apiserver's request_deadline.go). Throws 400. */
export function timeAllowed(query: URLSearchParams): number {
  const asked = query.get('timeout')
  if (!asked) return requestTimeout
  try {
    const ms = parseGoDuration(asked)
    return ms > 0 && ms < requestTimeout ? ms : requestTimeout
  } catch (error) {
    throw badRequest(`invalid timeout specified in the request URL - ${(error as Error).message}`)
  }
}

interface Pending {
  readonly deadline: number
  expire(): void
}

export function createDeadlines(clock: Clock): Deadlines {
  const pending = new Set<Pending>()
  let timer: Disposable | undefined
  let due = Infinity
  let disposed = false

  const arm = ({ deadline }: Pending) => {
    if (deadline >= due) return
    timer?.[Symbol.dispose]()
    due = deadline
    timer = clock.setTimeout(sweep, deadline - clock.now())
  }
  const sweep = () => {
    timer = undefined
    due = Infinity
    for (const entry of pending) {
      if (entry.deadline > clock.now()) {
        arm(entry)
        continue
      }
      pending.delete(entry)
      entry.expire()
    }
  }
  return {
    limit(work, within = requestTimeout) {
      if (disposed) return work
      return new Promise((resolve, reject) => {
        const entry: Pending = {
          deadline: clock.now() + within,
          expire: () => reject(timeout('Timeout: request did not complete within the allotted timeout')),
        }
        pending.add(entry)
        arm(entry)
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
