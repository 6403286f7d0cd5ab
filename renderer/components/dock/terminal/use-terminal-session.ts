import { onScopeDispose, shallowRef, type ShallowRef } from 'vue'
import type { Host, TerminalInfo } from '../../../../shared/contract/host.ts'
import { errorText } from '../../../error-text.ts'
import type { Message } from '../../../i18n/message.ts'
import { LinkLost, type Link } from '../../../link.ts'

/** Where a session's text goes and where its keys come from. */
interface Screen {
  /** Resolves when the bytes are drawn: output never runs ahead of the screen. */
  write: (data: Uint8Array) => Promise<void>
  /** Empties it before the kept output comes again. */
  reset: () => void
  size: () => { width: number; height: number }
}

type TerminalState =
  | { state: 'opening' | 'connected' | 'lost' }
  | { state: 'ended'; info: TerminalInfo }
  /** It could not be opened, or ('') the user ended it. */
  | { state: 'failed'; message: Message | string }

export interface TerminalSession {
  state: ShallowRef<TerminalState>
  send: (data: Uint8Array) => void
  resize: () => void
  /** Ends the command. */
  end: () => Promise<void>
}

interface SessionOptions {
  link: Link
  screen: Screen
  target: { namespace: string; pod: string; container: string }
  /** A session to attach to; else one of the container that no view shows, else a new one. */
  id?: string | undefined
  /** Always a new one. */
  fresh?: boolean
  /** Hears which session it is. */
  found?: (id: string) => void
}

/** Sessions that are on show in this window, so that a second view of a pod opens its own. */
const shownBy = new WeakMap<Host, Set<string>>()

/**
 * One terminal of the engine on a screen, until the scope ends. Leaving lets the session run on: it belongs to the
 * engine, and the next view of the container finds it.
 */
export function useTerminalSession(options: SessionOptions): TerminalSession {
  const { link, screen, target } = options
  const { host } = link
  const shown = shownBy.get(host) ?? new Set<string>()
  shownBy.set(host, shown)
  const state = shallowRef<TerminalState>({ state: 'opening' })
  let id: string | undefined
  let reading: AsyncIterator<Uint8Array> | undefined
  let left = false

  onScopeDispose(() => {
    left = true
    if (id !== undefined) shown.delete(id)
    void reading?.return?.()
  })

  async function find(): Promise<string> {
    if (options.id !== undefined) return options.id
    const kept = options.fresh ? [] : await host.terminals()
    const { namespace, pod, container } = target
    const idle = kept.find(
      info =>
        info.state === 'running' &&
        !shown.has(info.id) &&
        info.namespace === namespace &&
        info.pod === pod &&
        info.container === container,
    )
    return idle?.id ?? (await host.openTerminal({ ...target, ...screen.size() })).id
  }

  async function attach(session: string): Promise<void> {
    reading = host.attachTerminal(session)[Symbol.asyncIterator]()
    state.value = { state: 'connected' }
    resize()
    for (;;) {
      const next = await reading.next()
      if (left || next.done) return
      await screen.write(next.value)
    }
  }

  async function run(): Promise<void> {
    await link.opened()
    id = await find()
    shown.add(id)
    options.found?.(id)
    for (;;) {
      try {
        await attach(id)
        break
      } catch (error) {
        if (left || !(error instanceof LinkLost)) throw error
        state.value = { state: 'lost' }
        await link.opened()
        // The engine keeps what was written; it comes again, whole.
        screen.reset()
      }
    }
    if (left) return
    const info = (await host.terminals()).find(other => other.id === id)
    state.value = info ? { state: 'ended', info } : { state: 'failed', message: '' }
  }
  run().catch((error: unknown) => {
    if (!left) state.value = { state: 'failed', message: errorText(error) }
  })

  const isConnected = () => state.value.state === 'connected'
  /** A key or a size that can't be delivered is lost with the connection, which the state shows. */
  const ignore = () => undefined
  function resize(): void {
    if (id !== undefined && isConnected()) host.resizeTerminal(id, screen.size()).catch(ignore)
  }

  return {
    state,
    send: data => {
      if (id !== undefined && isConnected()) host.writeTerminal(id, data).catch(ignore)
    },
    resize,
    end: async () => {
      if (id !== undefined) await host.closeTerminal(id)
    },
  }
}
