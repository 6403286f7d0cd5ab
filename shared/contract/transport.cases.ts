import { afterEach, describe, expect, it } from 'vitest'
import { StatusError, notFound } from '../machinery/status.ts'
import { abortable } from './abortable.ts'
import { connect } from './connect.ts'
import type { Transport } from './rpc.ts'
import { serve } from './serve.ts'

/** Two ends of one connection. */
export interface TransportPair extends AsyncDisposable {
  here: Transport
  there: Transport
}

interface Calculator {
  add(a: number, b: number): Promise<number>
  echo(bytes: Uint8Array): Promise<Uint8Array>
  missing(): Promise<void>
  broken(): Promise<void>
  count(to: number): AsyncIterable<number>
  chunks(...sizes: number[]): AsyncIterable<Uint8Array>
  silence(): AsyncIterable<number>
  failing(): AsyncIterable<number>
  toString(): never
}

/** What any Transport must let serve and connect do. */
export function transportCases(name: string, open: () => Promise<TransportPair>): void {
  describe(`rpc over ${name}`, () => {
    let stack = new AsyncDisposableStack()
    afterEach(async () => {
      await stack.disposeAsync()
      stack = new AsyncDisposableStack()
    })

    async function start() {
      const pair = stack.use(await open())
      /** How many numbers `count` made, and whether `silence` was told to end. */
      const seen = { made: 0, ended: Promise.withResolvers<true>() }
      const implementation = {
        add: async (a: number, b: number) => a + b,
        echo: async (bytes: Uint8Array) => bytes,
        async missing() {
          throw notFound({ group: '', resource: 'pods', name: 'x' })
        },
        async broken() {
          throw new TypeError('x is not a function')
        },
        async *count(to: number) {
          for (let i = 0; i < to; i++) {
            seen.made++
            yield i
          }
        },
        async *chunks(...sizes: number[]) {
          for (const size of sizes) yield Buffer.from('x'.repeat(size))
        },
        silence: () =>
          abortable(async function* (signal): AsyncGenerator<number> {
            await new Promise(resolve => signal.addEventListener('abort', resolve))
            seen.ended.resolve(true)
            yield 0
          }),
        async *failing() {
          yield 1
          throw notFound({ group: '', resource: 'pods', name: 'x' })
        },
      }
      const serving = stack.use(serve(pair.there, implementation))
      return { ...pair, seen, serving, remote: stack.use(connect<Calculator>(pair.here)) }
    }

    it('answers calls, also many at once', async () => {
      const { remote } = await start()
      expect(await Promise.all([remote.add(1, 2), remote.add(3, 4)])).toEqual([3, 7])
    })

    it('carries bytes both ways, empty ones and views on a larger buffer too', async () => {
      const { remote } = await start()
      const whole = new Uint8Array([1, 2, 3, 4])
      expect([...(await remote.echo(whole.subarray(1, 3)))]).toEqual([2, 3])
      const sizes = []
      for await (const chunk of remote.chunks(0, 3, 100_000))
        sizes.push([chunk.byteLength, chunk instanceof Uint8Array])
      expect(sizes).toEqual([0, 3, 100_000].map(size => [size, true]))
    })

    it('rebuilds a StatusError and hides the stack of any other', async () => {
      const { remote } = await start()
      const missing = await remote.missing().catch((e: unknown) => e)
      expect(missing).toBeInstanceOf(StatusError)
      expect(missing).toMatchObject({ code: 404, reason: 'NotFound', message: 'pods "x" not found' })
      const broken = await remote.broken().catch((e: unknown) => e)
      expect(broken).toMatchObject({ code: 500, reason: 'InternalError' })
      expect(JSON.stringify((broken as StatusError).status)).not.toContain('.ts')
    })

    it('calls own methods only', async () => {
      const { remote } = await start()
      await expect(remote.toString()).rejects.toMatchObject({ code: 404 })
      const others = remote as unknown as Record<string, () => Promise<void>>
      for (const name of ['constructor', '__proto__', 'hasOwnProperty', 'nothing']) {
        await expect(others[name]!()).rejects.toMatchObject({ code: 404 })
      }
    })

    it('streams in order to the end', async () => {
      const { remote } = await start()
      const got = []
      for await (const n of remote.count(100)) got.push(n)
      expect(got).toEqual([...Array(100).keys()])
    })

    it('makes no more than the reader has room for', async () => {
      const { remote, seen } = await start()
      const reading = remote.count(10_000)[Symbol.asyncIterator]()
      await reading.next()
      // Whatever is on its way arrives before the answer to a later call.
      await remote.add(0, 0)
      expect(seen.made).toBeLessThanOrEqual(64)
      await reading.return?.()
    })

    it('starts a stream only when it is read', async () => {
      const { remote, seen } = await start()
      const stream = remote.count(5)
      await remote.add(0, 0)
      expect(seen.made).toBe(0)
      for await (const _ of stream) break
      expect(seen.made).toBeGreaterThan(0)
    })

    it('tells the source when the reader stops, also while it is waiting', async () => {
      const { remote, seen } = await start()
      const reading = remote.silence()[Symbol.asyncIterator]()
      const waiting = reading.next()
      await remote.add(0, 0)
      await reading.return?.()
      expect(await waiting).toMatchObject({ done: true })
      await seen.ended.promise
    })

    it('ends a stream with its error, after what came before it', async () => {
      const { remote } = await start()
      const got: number[] = []
      const read = async () => {
        for await (const n of remote.failing()) got.push(n)
      }
      await expect(read()).rejects.toMatchObject({ code: 404 })
      expect(got).toEqual([1])
    })

    it('fails everything under way, and later calls, when the other side goes', async () => {
      const { remote, there, seen } = await start()
      const reading = remote.silence()[Symbol.asyncIterator]()
      const waiting = reading.next()
      await remote.add(0, 0)
      there.close()
      await expect(waiting).rejects.toMatchObject({ code: 503 })
      await expect(remote.add(1, 1)).rejects.toMatchObject({ code: 503 })
      await seen.ended.promise
    })

    it('ends the streams it serves when the reader goes without a word', async () => {
      const { remote, here, seen } = await start()
      const reading = remote.silence()[Symbol.asyncIterator]()
      const waiting = reading.next().catch(() => undefined)
      await remote.add(0, 0)
      here.close()
      await seen.ended.promise
      await reading.return?.()
      await waiting
    })
  })
}
