import { expect, test } from 'vitest'
import type { Clock } from '../../../shared/machinery/clock.ts'
import { createDeadlines } from './deadline.ts'

/** A clock that stands still and counts what waits for it. */
function stopped(): Clock & { timers: Set<() => void> } {
  const timers = new Set<() => void>()
  return {
    timers,
    now: () => 0,
    setTimeout(fn) {
      timers.add(fn)
      return { [Symbol.dispose]: () => void timers.delete(fn) }
    },
  }
}

test('no timer outlives the server, and what still arrives is answered', async () => {
  const clock = stopped()
  const deadlines = createDeadlines(clock)
  void deadlines.limit(new Promise<never>(() => undefined))
  expect(clock.timers.size).toBe(1)
  deadlines[Symbol.dispose]()
  expect(await deadlines.limit(Promise.resolve('late'))).toBe('late')
  expect(clock.timers.size).toBe(0)
})
