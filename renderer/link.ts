import { readonly, shallowRef, type ShallowRef } from 'vue'
import { connect } from '../shared/contract/connect.ts'
import type { Host } from '../shared/contract/host.ts'
import type { Transport } from '../shared/contract/rpc.ts'
import { serviceUnavailable } from '../shared/machinery/status.ts'

export interface LinkState {
  state: 'connecting' | 'open' | 'reconnecting'
  /** Attempts since the connection was lost. */
  attempt: number
  /** When it was lost, in milliseconds since the epoch. */
  lostAt: number
}

/** The way to the engine, which comes back by itself when it was lost. */
export interface Link {
  readonly state: Readonly<ShallowRef<LinkState>>
  /** Resolves when there is a connection; at once if there is one. */
  opened: () => Promise<void>
  /**
   * The engine over the current connection. Before the first connection calls wait for it; while it is lost they fail
   * with ServiceUnavailable, so that nothing a user does is carried out minutes later.
   */
  readonly host: Host
}

interface LinkOptions {
  open: () => Promise<Transport>
  now: () => number
  /** Calls `retry` after `ms`. */
  after: (ms: number, retry: () => void) => void
}

/** Waits between attempts: 250 ms doubling to 5 s. */
const backOff = (attempt: number) => Math.min(250 * 2 ** (attempt - 1), 5_000)

export function createLink({ open, now, after }: LinkOptions): Link {
  const state = shallowRef<LinkState>({ state: 'connecting', attempt: 0, lostAt: 0 })
  let opening = Promise.withResolvers<undefined>()
  let current: Host | undefined

  function retry(): void {
    const { attempt, lostAt } = state.value
    state.value = { ...state.value, attempt: attempt + 1, lostAt: lostAt || now() }
    after(backOff(attempt + 1), () => void start())
  }

  async function start(): Promise<void> {
    try {
      const transport = await open()
      current = connect<Host>(transport)
      transport.onClose(() => {
        current = undefined
        opening = Promise.withResolvers()
        state.value = { state: 'reconnecting', attempt: 0, lostAt: now() }
        retry()
      })
      state.value = { state: 'open', attempt: 0, lostAt: 0 }
      opening.resolve(undefined)
    } catch {
      retry()
    }
  }
  void start()

  const engine = (): Promise<Host> | Host => {
    if (current) return current
    if (state.value.state === 'reconnecting') throw serviceUnavailable('the connection to the engine is lost')
    return opening.promise.then(engine)
  }
  const host: Host = {
    status: async () => (await engine()).status(),
    watchStatus: () => stream(host => host.watchStatus()),
    request: async request => (await engine()).request(request),
    watch: request => stream(host => host.watch(request)),
    bytes: request => stream(host => host.bytes(request)),
    openTerminal: async request => (await engine()).openTerminal(request),
    terminals: async () => (await engine()).terminals(),
    attachTerminal: id => stream(host => host.attachTerminal(id)),
    writeTerminal: async (id, data) => (await engine()).writeTerminal(id, data),
    resizeTerminal: async (id, size) => (await engine()).resizeTerminal(id, size),
    closeTerminal: async id => (await engine()).closeTerminal(id),
    loadSettings: async () => (await engine()).loadSettings(),
    saveSettings: async settings => (await engine()).saveSettings(settings),
  }
  /** `return()` must reach the connection while a `next()` waits, which a generator's does not. */
  function stream<T>(from: (host: Host) => AsyncIterable<T>): AsyncIterable<T> {
    return {
      [Symbol.asyncIterator]() {
        let inner: AsyncIterator<T> | undefined
        let ended = false
        const done: IteratorResult<T> = { done: true, value: undefined }
        return {
          async next() {
            const host = await engine()
            if (ended) return done
            inner ??= from(host)[Symbol.asyncIterator]()
            return inner.next()
          },
          async return() {
            ended = true
            await inner?.return?.()
            return done
          },
        }
      },
    }
  }

  return { state: readonly(state), opened: () => opening.promise, host }
}
