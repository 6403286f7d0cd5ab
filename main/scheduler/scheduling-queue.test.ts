import { expect, test } from 'vitest'
import { createFakeClock } from '../../test/helpers/fake-clock.ts'
import type { Pod } from '../../shared/api/core.ts'
import { createSchedulingQueue } from './scheduling-queue.ts'

const pod = (name: string, priority = 0): Pod => ({
  metadata: { name, namespace: 'default', uid: name },
  spec: { containers: [], priority },
})

function setUp() {
  const clock = createFakeClock()
  const queue = createSchedulingQueue({ clock, ready() {} })
  const next = () => queue.next()?.metadata.name
  return { clock, queue, next }
}

test('the highest priority first, then first come first served', () => {
  const { queue, next } = setUp()
  for (const each of [pod('a'), pod('b', 10), pod('c'), pod('d', 10)]) queue.add(each)
  expect([next(), next(), next(), next(), next()]).toEqual(['b', 'd', 'a', 'c', undefined])
})

test('a pod that fits nowhere waits for a change its filters care about, without a timer', async () => {
  const { clock, queue, next } = setUp()
  queue.add(pod('a'))
  next()
  queue.park(pod('a'), new Set(['NodeResourcesFit']))
  await clock.advance(3_600_000)
  expect(clock.pending).toBe(0)
  queue.wake(['TaintToleration'])
  expect(next()).toBeUndefined()
  queue.wake(['NodeResourcesFit'])
  expect(next()).toBe('a')
})

test('backs off from 1 s to 10 s between attempts', async () => {
  const { clock, queue, next } = setUp()
  queue.add(pod('a'))
  expect(next()).toBe('a')
  for (const seconds of [1, 2, 4, 8, 10, 10]) {
    queue.park(pod('a'), new Set(['NodePorts']))
    queue.wake(['NodePorts'])
    await clock.advance(seconds * 1000 - 1)
    expect(next()).toBeUndefined()
    await clock.advance(1)
    expect(next()).toBe('a')
  }
})

test('a failed attempt comes back by itself; a deleted pod does not', async () => {
  const { clock, queue, next } = setUp()
  queue.add(pod('a'))
  queue.add(pod('b'))
  next()
  next()
  queue.retry(pod('a'))
  queue.retry(pod('b'))
  queue.remove('b')
  await clock.advance(1000)
  expect([next(), next()]).toEqual(['a', undefined])
  expect(clock.pending).toBe(0)
})
