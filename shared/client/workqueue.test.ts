import { expect, test } from 'vitest'
import { createFakeClock } from '../../test/helpers/fake-clock.ts'
import { createWorkqueue, type Outcome } from './workqueue.ts'

test('a burst of one key is worked on once, and what comes meanwhile once more', async () => {
  const clock = createFakeClock()
  const release = Promise.withResolvers<undefined>()
  const done: string[] = []
  let active = 0
  let most = 0
  await using queue = createWorkqueue({
    clock,
    workers: 5,
    async process(key) {
      most = Math.max(most, ++active)
      await release.promise
      active--
      done.push(key)
      return 'done'
    },
  })
  queue.add('a')
  queue.add('a')
  await clock.advance(0)
  queue.add('a')
  queue.add('a')
  await clock.advance(0)
  release.resolve(undefined)
  await clock.advance(0)
  expect(done).toEqual(['a', 'a'])
  expect(most).toBe(1)
  expect(clock.pending).toBe(0)
})

test('never more workers than allowed, first come first served', async () => {
  const clock = createFakeClock()
  const started: string[] = []
  const gates = new Map<string, () => void>()
  await using queue = createWorkqueue({
    clock,
    workers: 2,
    async process(key) {
      started.push(key)
      await new Promise<void>(resolve => gates.set(key, resolve))
      return 'done'
    },
  })
  for (const key of ['a', 'b', 'c', 'd']) queue.add(key)
  await clock.advance(0)
  expect(started).toEqual(['a', 'b'])
  gates.get('b')!()
  await clock.advance(0)
  expect(started).toEqual(['a', 'b', 'c'])
  gates.get('a')!()
  gates.get('c')!()
  await clock.advance(0)
  expect(started).toEqual(['a', 'b', 'c', 'd'])
  gates.get('d')!()
})

test('a failing key returns after 5 ms, doubling to 1000 s; success forgets', async () => {
  const clock = createFakeClock()
  const start = clock.now()
  const times: number[] = []
  let outcome: Outcome = 'failed'
  await using queue = createWorkqueue({
    clock,
    workers: 1,
    async process() {
      times.push(clock.now() - start)
      return outcome
    },
  })
  queue.add('a')
  await clock.advance(155)
  expect(times).toEqual([0, 5, 15, 35, 75, 155])
  await clock.advance(10_000_000)
  expect(times.at(-1)! - times.at(-2)!).toBe(1_000_000)
  outcome = 'done'
  await clock.advance(1_000_000)
  expect(clock.pending).toBe(0)
  outcome = 'failed'
  const before = times.length
  queue.add('a')
  await clock.advance(5)
  expect(times.length).toBe(before + 2)
})

test('of several delays the earliest counts; requeueAfter comes back then', async () => {
  const clock = createFakeClock()
  const start = clock.now()
  const times: number[] = []
  await using queue = createWorkqueue({
    clock,
    workers: 1,
    async process() {
      times.push(clock.now() - start)
      return times.length === 1 ? { requeueAfter: 100 } : 'done'
    },
  })
  queue.addAfter('a', 50)
  queue.addAfter('a', 20)
  queue.addAfter('a', 90)
  await clock.advance(1000)
  expect(times).toEqual([20, 120])
})

test('a key that keeps changing lets the others have their turn', async () => {
  const clock = createFakeClock()
  const worked: string[] = []
  await using queue = createWorkqueue({
    clock,
    workers: 1,
    async process(key) {
      worked.push(key)
      if (key === 'busy' && worked.length < 8) queue.add('busy')
      return 'done'
    },
  })
  for (const key of ['busy', 'a', 'b']) queue.add(key)
  await clock.advance(0)
  expect(worked.slice(0, 4)).toEqual(['busy', 'a', 'b', 'busy'])
})

test('a failing key does not slow the others down', async () => {
  const clock = createFakeClock()
  const start = clock.now()
  const times: Record<string, number[]> = { broken: [], fine: [] }
  await using queue = createWorkqueue({
    clock,
    workers: 1,
    async process(key) {
      times[key]?.push(clock.now() - start)
      return key === 'broken' ? 'failed' : 'done'
    },
  })
  queue.add('broken')
  await clock.advance(155)
  queue.add('fine')
  await clock.advance(0)
  expect(times).toEqual({ broken: [0, 5, 15, 35, 75, 155], fine: [155] })
})

test('disposal drops what waits, waits for what is under way and takes nothing more', async () => {
  const clock = createFakeClock()
  const gate = Promise.withResolvers<undefined>()
  const worked: string[] = []
  const queue = createWorkqueue({
    clock,
    workers: 1,
    async process(key) {
      await gate.promise
      worked.push(key)
      return 'failed'
    },
  })
  queue.add('under way')
  queue.add('waiting')
  queue.addAfter('later', 1000)
  await clock.advance(0)
  let isDisposed = false
  const disposal = queue[Symbol.asyncDispose]().then(() => (isDisposed = true))
  await clock.advance(0)
  expect(isDisposed).toBe(false)
  gate.resolve(undefined)
  await disposal
  queue.add('too late')
  await clock.advance(10_000)
  expect(worked).toEqual(['under way'])
  expect(clock.pending).toBe(0)
})
