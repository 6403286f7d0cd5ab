import type { Clock } from '../../shared/machinery/clock.ts'

/** A clock that stands still until it is moved. */
export interface FakeClock extends Clock {
  /** Timers that have not fired. */
  readonly pending: number
  /**
   * Moves time forward, firing what falls due in order; after each timer the event loop turns, so that what the timer
   * set off can set further timers within the same advance.
   */
  advance(ms: number): Promise<void>
  /** Moves time without firing anything on the way, as a machine that slept; what is overdue fires at its end. */
  jump(ms: number): Promise<void>
}

/** Starts at the given instant (default 2026-01-01T00:00:00Z). */
export function createFakeClock(start = Date.UTC(2026, 0, 1)): FakeClock {
  let now = start
  const timers = new Set<{ at: number; fn: () => void }>()

  async function fireUntil(end: number, moves: boolean) {
    for (;;) {
      await turn()
      const next = [...timers].filter(timer => timer.at <= end).sort((a, b) => a.at - b.at)[0]
      if (!next) break
      timers.delete(next)
      if (moves) now = Math.max(now, next.at)
      next.fn()
    }
    now = end
  }

  return {
    now: () => now,
    setTimeout(fn, ms) {
      const timer = { at: now + Math.max(0, ms), fn }
      timers.add(timer)
      return { [Symbol.dispose]: () => timers.delete(timer) }
    },
    get pending() {
      return timers.size
    },
    advance: ms => fireUntil(now + ms, true),
    jump(ms) {
      now += ms
      return fireUntil(now, false)
    },
  }
}

const turn = () => new Promise<void>(resolve => setImmediate(resolve))
