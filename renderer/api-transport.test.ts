// @vitest-environment node
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { until } from './api-transport.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

it('holds on to no value that was read', async () => {
  const refs: WeakRef<object>[] = []
  async function* values() {
    for (;;) {
      const value = {}
      refs.push(new WeakRef(value))
      yield await Promise.resolve(value)
    }
  }
  const { signal } = new AbortController()
  let left = 50
  for await (const _ of until(values(), signal)) {
    if (--left > 0) continue
    // A task of its own: a WeakRef keeps what it was made of until the end of the one that made it.
    await new Promise(resolve => setImmediate(resolve))
    collectGarbage()
    expect(refs.slice(0, 40).filter(ref => ref.deref()).length).toBe(0)
    return
  }
})

it('ends while a value is awaited', async () => {
  const stop = new AbortController()
  let returned = false
  const source = {
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise<IteratorResult<number>>(() => undefined),
      return: async () => ((returned = true), { done: true as const, value: undefined }),
    }),
  }
  const read = until(source, stop.signal)[Symbol.asyncIterator]().next()
  stop.abort()
  expect(await read).toEqual({ done: true, value: undefined })
  expect(returned).toBe(true)
})
