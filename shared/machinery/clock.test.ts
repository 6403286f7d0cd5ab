import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { systemClock, toMicroTime, toTime } from './clock.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

const day = 86_400_000

test('waits longer than the longest timer there is', () => {
  let fired = 0
  systemClock.setTimeout(() => fired++, 60 * day)
  vi.advanceTimersByTime(60 * day - 1)
  expect(fired).toBe(0)
  vi.advanceTimersByTime(1)
  expect(fired).toBe(1)
})

test('does not fire once disposed of, not even in a later step', () => {
  let fired = 0
  const timer = systemClock.setTimeout(() => fired++, 60 * day)
  vi.advanceTimersByTime(40 * day)
  timer[Symbol.dispose]()
  vi.advanceTimersByTime(40 * day)
  expect(fired).toBe(0)
})

/** Fake timers stand still meanwhile, as real ones do on a machine that sleeps. */
const sleep = (ms: number) => vi.setSystemTime(Date.now() + ms)

test('what fell due in a sleep fires with the first timer after it, and the rest in its time', () => {
  const fired: string[] = []
  const after = (ms: number, name: string) => systemClock.setTimeout(() => fired.push(name), ms)
  after(day / 2, 'overdue')
  after(2 * day, 'later')
  using _ = after(day / 2, 'disposed of')
  _[Symbol.dispose]()
  after(10_000, 'renewal')
  sleep(day)
  vi.advanceTimersByTime(9_999)
  expect(fired).toEqual([])
  vi.advanceTimersByTime(2)
  expect(fired).toEqual(['renewal', 'overdue'])
  vi.advanceTimersByTime(day - 20_000)
  expect(fired).toHaveLength(2)
  vi.advanceTimersByTime(20_000)
  expect(fired).toEqual(['renewal', 'overdue', 'later'])
})

test('a clock that is set back makes nobody wait longer', () => {
  const fired: string[] = []
  const after = (ms: number, name: string) => systemClock.setTimeout(() => fired.push(name), ms)
  after(20_000, 'soon')
  sleep(-day)
  after(10_000, 'renewal')
  sleep(60_000)
  vi.advanceTimersByTime(20_000)
  expect(fired).toEqual(['renewal', 'soon'])
})

test('instants on the wire', () => {
  expect(toTime(Date.UTC(2026, 0, 1, 0, 0, 0, 999))).toBe('2026-01-01T00:00:00Z')
  expect(toMicroTime(Date.UTC(2026, 0, 1, 0, 0, 0, 999))).toBe('2026-01-01T00:00:00.999000Z')
})
