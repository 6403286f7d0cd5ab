import { expect, test } from 'vitest'
import { createFakeClock } from '../../test/helpers/fake-clock.ts'
import { podInfoOf, type PodInfo } from './pod-info.ts'
import { createSchedulingQueue } from './scheduling-queue.ts'

function pod(name: string, priority = 0): PodInfo {
  return podInfoOf({ metadata: { name, namespace: 'default', uid: name }, spec: { containers: [], priority } })
}

const rejectedBy = (plugin: string) => (each: string) => each === plugin

function setUp() {
  const clock = createFakeClock()
  const queue = createSchedulingQueue({ clock, ready() {} })
  const next = () => queue.next()?.pod.metadata.name
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
  queue.wake(rejectedBy('TaintToleration'))
  expect(next()).toBeUndefined()
  queue.wake(rejectedBy('NodeResourcesFit'))
  expect(next()).toBe('a')
})

test('backs off from 1 s to 10 s between attempts while there are others to place', async () => {
  const { clock, queue, next } = setUp()
  let busy = 0
  queue.add(pod('a'))
  expect(next()).toBe('a')
  for (const seconds of [1, 2, 4, 8, 10, 10]) {
    queue.park(pod('a'), new Set(['NodePorts']))
    queue.wake(rejectedBy('NodePorts'))
    await clock.advance(seconds * 1000 - 1)
    queue.add(pod(`other-${++busy}`))
    expect(next()).toBe(`other-${busy}`)
    await clock.advance(1)
    queue.add(pod(`other-${++busy}`))
    expect(next()).toBe('a')
    expect(next()).toBe(`other-${busy}`)
  }
})

test('a back-off is cut short if there is nothing else to do', () => {
  const { queue, next } = setUp()
  queue.add(pod('a'))
  next()
  queue.park(pod('a'), new Set(['NodePorts']))
  queue.wake(rejectedBy('NodePorts'))
  expect(next()).toBe('a')
})

test('a pod that others leave for is woken once they have been told', () => {
  const { queue, next } = setUp()
  queue.add(pod('a'))
  next()
  queue.park(pod('a'), new Set(['NodePorts']))
  const held = queue.hold('a')
  queue.wake(rejectedBy('NodePorts'))
  expect(next()).toBeUndefined()
  held[Symbol.dispose]()
  expect(next()).toBe('a')
})

test('a changed pod gets another try, a deleted one none', () => {
  const { queue, next } = setUp()
  for (const name of ['a', 'b']) {
    queue.add(pod(name))
    next()
    queue.park(pod(name), new Set(['NodePorts']))
  }
  queue.remove('b')
  queue.wake(rejectedBy('NodePorts'))
  queue.remove('a')
  expect(next()).toBeUndefined()
  queue.add(pod('c'))
  next()
  queue.park(pod('c'), new Set(['NodePorts']))
  queue.refresh(pod('c', 5))
  expect(next()).toBeUndefined()
  queue.add(pod('c', 5))
  expect(next()).toBe('c')
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
