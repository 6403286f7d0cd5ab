import { expect, test } from 'vitest'
import { isTimeZone, localClock, zonedTime } from './time-zone.ts'

const at = Date.UTC(2026, 6, 1, 12, 30)

test('tells an instant with the offset of a zone', () => {
  expect(zonedTime(at, 'UTC')).toBe('2026-07-01T12:30:00Z')
  expect(zonedTime(at, 'Europe/Berlin')).toBe('2026-07-01T14:30:00+02:00')
  expect(zonedTime(at, 'America/St_Johns')).toBe('2026-07-01T10:00:00-02:30')
})

test('tells what clocks show', () => {
  expect(localClock('Pacific/Auckland')(at)).toEqual({ month: 7, dayOfMonth: 2, dayOfWeek: 4, hour: 0, minute: 30 })
})

test.each([
  ['Europe/Berlin', true],
  ['US/Pacific', true],
  ['europe/berlin', false],
  ['Mars/Base', false],
  ['', false],
])('%j is a zone: %s', (name, expected) => {
  expect(isTimeZone(name)).toBe(expected)
})
