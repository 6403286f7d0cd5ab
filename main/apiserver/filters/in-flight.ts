import { tooManyRequests } from '../../../shared/machinery/status.ts'
import type { RequestInfo } from '../request-info.ts'
import type { UserInfo } from '../request.ts'
import { privileged } from './authorize.ts'
import { isLongRunning } from './long-running.ts'

/** Upstream's --max-requests-inflight and --max-mutating-requests-inflight. */
export const limits = { reading: 400, mutating: 200 }
const readingVerbs = new Set(['get', 'list', 'watch'])

export interface InFlight {
  /**
   * Takes a place until the result is called. Throws 429 when there is none. Long-running requests need none, nor do
   * those of system:masters, the controllers' among them (upstream's maxinflight.go lets them in whatever there is).
   */
  enter(info: RequestInfo, user: UserInfo): () => void
  /** Places that are taken now. */
  readonly counts: Readonly<{ reading: number; mutating: number }>
}

export function createInFlight(): InFlight {
  const counts = { reading: 0, mutating: 0 }
  const leave = {
    reading: () => {
      counts.reading--
    },
    mutating: () => {
      counts.mutating--
    },
  }
  return {
    counts,
    enter(info, user) {
      if (isLongRunning(info) || user.groups.includes(privileged)) return () => undefined
      const kind = readingVerbs.has(info.verb) ? 'reading' : 'mutating'
      if (counts[kind] >= limits[kind]) throw tooManyRequests('Too many requests, please try again later.', 1)
      counts[kind]++
      return leave[kind]
    },
  }
}
