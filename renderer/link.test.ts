import { describe, expect, it } from 'vitest'
import { serve } from '../shared/contract/serve.ts'
import { messagePortTransport } from '../shared/contract/message-port.ts'
import type { Transport } from '../shared/contract/rpc.ts'
import { createLink, LinkLost } from './link.ts'

/** An engine that can be cut off: each connection is a real channel with the real dispatch at both ends. */
function engine() {
  const state = { up: true, served: [] as Transport[] }
  const retries: { ms: number; retry: () => void }[] = []
  const link = createLink({
    open: () => {
      if (!state.up) return Promise.reject(new Error('refused'))
      const { port1, port2 } = new MessageChannel()
      const far = messagePortTransport(port2)
      serve(far, {
        loadSettings: async () => ({ theme: 'dark' }),
        status: () => new Promise<never>(() => undefined),
        async *watchStatus() {
          yield 1
          await new Promise<never>(() => undefined)
        },
      })
      state.served.push(far)
      return Promise.resolve(messagePortTransport(port1))
    },
    now: () => 1_000,
    after: (ms, retry) => retries.push({ ms, retry }),
  })
  return { state, link, retries }
}

const until = async (condition: () => boolean) => {
  while (!condition()) await new Promise(resolve => setTimeout(resolve, 1))
}

describe('createLink', () => {
  it('lets calls wait for the first connection', async () => {
    const { link, state } = engine()
    expect(link.state.value.state).toBe('connecting')
    expect(await link.host.loadSettings()).toEqual({ theme: 'dark' })
    expect(link.state.value.state).toBe('open')
    state.served[0]?.close()
  })

  it('fails calls while it is lost, says since when, and comes back', async () => {
    const { link, state, retries } = engine()
    await link.opened()
    state.up = false
    state.served[0]?.close()
    await until(() => link.state.value.state === 'reconnecting')
    expect(link.state.value.lostAt).toBe(1_000)
    await expect(link.host.loadSettings()).rejects.toBeInstanceOf(LinkLost)
    await expect(link.host.loadSettings()).rejects.toMatchObject({ code: 503 })

    retries.shift()?.retry()
    await until(() => retries.length === 1)
    expect(retries[0]?.ms).toBe(500)
    state.up = true
    retries.shift()?.retry()
    await link.opened()
    expect(await link.host.loadSettings()).toEqual({ theme: 'dark' })
    state.served[1]?.close()
  })

  it('says of what was on its way that the connection was lost', async () => {
    const { link, state, retries } = engine()
    const stream = link.host.watchStatus()[Symbol.asyncIterator]()
    expect(await stream.next()).toEqual({ done: false, value: 1 })
    const next = stream.next()
    const answer = link.host.status()
    state.served[0]?.close()
    await expect(answer).rejects.toBeInstanceOf(LinkLost)
    await expect(next).rejects.toBeInstanceOf(LinkLost)
    retries.shift()?.retry()
    await link.opened()
    // The stream is of the connection that is gone; only a new one is of the new connection.
    expect(await stream.next().catch((error: unknown) => error)).not.toMatchObject({ value: 1 })
    state.served[1]?.close()
  })
})
