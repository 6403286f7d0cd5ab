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

test('instants on the wire', () => {
  expect(toTime(Date.UTC(2026, 0, 1, 0, 0, 0, 999))).toBe('2026-01-01T00:00:00Z')
  expect(toMicroTime(Date.UTC(2026, 0, 1, 0, 0, 0, 999))).toBe('2026-01-01T00:00:00.999000Z')
})
