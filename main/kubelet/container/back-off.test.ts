import { expect, it } from 'vitest'
import { createFakeClock } from '../../../test/helpers/fake-clock.ts'
import { createBackOff } from './back-off.ts'
import { goDuration } from '../go-duration.ts'

it('doubles to its maximum and counts from the given instant', async () => {
  const clock = createFakeClock()
  const backOff = createBackOff({ clock, initial: 10_000, max: 300_000 })
  expect(backOff.remaining('a', clock.now())).toBe(0)
  const delays: number[] = []
  for (let i = 0; i < 7; i++) {
    backOff.next('a', clock.now())
    delays.push(backOff.remaining('a', clock.now()))
  }
  expect(delays).toEqual([10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000])
  await clock.advance(100_000)
  expect(backOff.remaining('a', clock.now() - 100_000)).toBe(200_000)
  expect(backOff.remaining('a')).toBe(200_000)
  expect(backOff.remaining('b')).toBe(0)
})

it('starts afresh after ten good minutes and when forgotten', async () => {
  const clock = createFakeClock()
  const backOff = createBackOff({ clock, initial: 10_000, max: 300_000 })
  backOff.next('u1_a', clock.now())
  backOff.next('u1_a', clock.now())
  await clock.advance(600_001)
  expect(backOff.remaining('u1_a', clock.now())).toBe(0)
  backOff.next('u1_a', clock.now())
  expect(backOff.delay('u1_a')).toBe(10_000)
  backOff.forget('u1')
  expect(backOff.delay('u1_a')).toBe(0)
})

it.each([
  [0, '0s'],
  [350, '350ms'],
  [1200, '1.2s'],
  [10_000, '10s'],
  [80_000, '1m20s'],
  [300_000, '5m0s'],
  [3_600_000, '1h0m0s'],
])('prints %i ms as Go does', (ms, text) => {
  expect(goDuration(ms)).toBe(text)
})
