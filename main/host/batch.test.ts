import { expect, it } from 'vitest'
import { batches } from './batch.ts'

it('gives one at a time to a reader that keeps up and many to one that does not', async () => {
  const { promise, resolve } = Promise.withResolvers<number>()
  const reading = batches(async function* () {
    yield 1
    yield await promise
    yield 3
    yield 4
  }, 10)[Symbol.asyncIterator]()
  expect(await reading.next()).toEqual({ done: false, value: [1] })
  resolve(2)
  await new Promise(setImmediate)
  expect(await reading.next()).toEqual({ done: false, value: [2, 3, 4] })
  expect(await reading.next()).toMatchObject({ done: true })
})

it('makes the source wait when the most are waiting', async () => {
  let made = 0
  const reading = batches(async function* () {
    for (;;) yield ++made
  }, 5)[Symbol.asyncIterator]()
  await reading.next()
  await new Promise(setImmediate)
  expect(made).toBeLessThanOrEqual(6)
  await reading.return?.()
})

it('gives what came before an error, then the error', async () => {
  const reading = batches(async function* () {
    yield 1
    throw new Error('broken')
  }, 5)[Symbol.asyncIterator]()
  expect(await reading.next()).toEqual({ done: false, value: [1] })
  await expect(reading.next()).rejects.toThrow('broken')
})

it('aborts its source at the end, also while it waits', async () => {
  const aborted = Promise.withResolvers<true>()
  const reading = batches(async function* (signal): AsyncGenerator<number> {
    await new Promise(resolve => signal.addEventListener('abort', resolve))
    aborted.resolve(true)
    yield 0
  }, 5)[Symbol.asyncIterator]()
  const waiting = reading.next()
  await reading.return?.()
  await aborted.promise
  expect(await waiting).toMatchObject({ done: true })
})
