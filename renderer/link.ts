import { readonly, shallowRef, type ShallowRef } from 'vue'
import { connect } from '../shared/contract/connect.ts'
import type { Host } from '../shared/contract/host.ts'
import type { Transport } from '../shared/contract/rpc.ts'
import { serviceUnavailable, StatusError } from '../shared/machinery/status.ts'

/** There is no connection, or it went before the answer came; then what was asked for may have been done. */
export class LinkLost extends StatusError {
  constructor() {
    super(serviceUnavailable('the connection to the engine is lost').status)
  }
}

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
   * with LinkLost, so that nothing a user does is carried out minutes later.
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
      // Heard before the calls that it fails, which then know why.
      transport.onClose(() => {
        current = undefined
        opening = Promise.withResolvers()
        state.value = { state: 'reconnecting', attempt: 0, lostAt: now() }
        retry()
      })
      current = connect<Host>(transport)
      state.value = { state: 'open', attempt: 0, lostAt: 0 }
      opening.resolve(undefined)
    } catch {
      retry()
    }
  }
  void start()

  const engine = (): Promise<Host> | Host => {
    if (current) return current
    if (state.value.state === 'reconnecting') throw new LinkLost()
    return opening.promise.then(engine)
  }
  const answer = async <T>(host: Host, promise: Promise<T>): Promise<T> => {
    try {
      return await promise
    } catch (error) {
      throw host === current ? error : new LinkLost()
    }
  }
  const ask = async <T>(what: (host: Host) => Promise<T>): Promise<T> => {
    const host = await engine()
    return answer(host, what(host))
  }
  const host: Host = {
    status: () => ask(host => host.status()),
    watchStatus: () => stream(host => host.watchStatus()),
    request: request => ask(host => host.request(request)),
    watch: request => stream(host => host.watch(request)),
    bytes: request => stream(host => host.bytes(request)),
    schedulingDecision: pod => ask(host => host.schedulingDecision(pod)),
    openTerminal: request => ask(host => host.openTerminal(request)),
    terminals: () => ask(host => host.terminals()),
    attachTerminal: id => stream(host => host.attachTerminal(id)),
    writeTerminal: (id, data) => ask(host => host.writeTerminal(id, data)),
    resizeTerminal: (id, size) => ask(host => host.resizeTerminal(id, size)),
    closeTerminal: id => ask(host => host.closeTerminal(id)),
    loadSettings: () => ask(host => host.loadSettings()),
    saveSettings: settings => ask(host => host.saveSettings(settings)),
  }
  /** `return()` must reach the connection while a `next()` waits, which a generator's does not. */
  function stream<T>(from: (host: Host) => AsyncIterable<T>): AsyncIterable<T> {
    return {
      [Symbol.asyncIterator]() {
        let origin: Host | undefined
        let inner: AsyncIterator<T> | undefined
        let ended = false
        const done: IteratorResult<T> = { done: true, value: undefined }
        return {
          async next() {
            origin ??= await engine()
            if (ended) return done
            inner ??= from(origin)[Symbol.asyncIterator]()
            return answer(origin, inner.next())
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
