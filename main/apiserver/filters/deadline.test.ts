import { expect, test } from 'vitest'
import type { Clock } from '../../../shared/machinery/clock.ts'
import { createFakeClock } from '../../../test/helpers/fake-clock.ts'
import { startServer } from '../testing/start-server.ts'
import { createDeadlines, timeAllowed } from './deadline.ts'

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

test('a shorter timeout of the client ends its request first', async () => {
  const clock = createFakeClock()
  using deadlines = createDeadlines(clock)
  const never = () => new Promise<never>(() => undefined)
  const ended: string[] = []
  const watched = (name: string, work: Promise<never>) =>
    work.catch((error: unknown) => ended.push(`${name}: ${String(error)}`))
  const usual = watched('usual', deadlines.limit(never()))
  const short = watched('short', deadlines.limit(never(), 1000))
  await clock.advance(1000)
  await short
  expect(ended).toEqual(['short: StatusError: Timeout: request did not complete within the allotted timeout'])
  await clock.advance(59_000)
  await usual
  expect(ended).toHaveLength(2)
})

test.each([
  ['', 60_000],
  ['timeout=', 60_000],
  ['timeout=0s', 60_000],
  ['timeout=1m30s', 60_000],
  ['timeout=32s', 32_000],
])('with %j a request may take %i ms', (query, ms) => {
  expect(timeAllowed(new URLSearchParams(query))).toBe(ms)
})

test('a timeout that is none is refused', async () => {
  await using s = await startServer()
  const query = { timeout: 'invalid' }
  expect((await s.refused('GET', '/api/v1/namespaces', undefined, { query })).status).toMatchObject({
    code: 400,
    reason: 'BadRequest',
    message: 'invalid timeout specified in the request URL - time: invalid duration "invalid"',
  })
})
