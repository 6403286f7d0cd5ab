import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { effectScope, shallowRef, type EffectScope } from 'vue'
import type { Host } from '../../../../shared/contract/host.ts'
import { silent } from '../../../../shared/machinery/log.ts'
import { createTerminals, type Terminals } from '../../../../main/host/terminals.ts'
import { processExec } from '../../../../test/helpers/process-exec.ts'
import { LinkLost, type Link } from '../../../link.ts'
import { useTerminalSession, type TerminalSession } from './use-terminal-session.ts'

const target = { namespace: 'shop', pod: 'api', container: 'api' }

/** The engine's own terminals with processes of this machine; what is between them and the view can be cut. */
let terminals: Terminals
let scopes: EffectScope[]
let cut: () => void
let link: Link
beforeEach(() => {
  terminals = createTerminals({ openExec: processExec().openExec, log: silent })
  scopes = []
  let broken = Promise.withResolvers<never>()
  broken.promise.catch(() => undefined)
  cut = () => {
    broken.reject(new LinkLost())
    broken = Promise.withResolvers<never>()
    broken.promise.catch(() => undefined)
  }
  const host = {
    terminals: async () => terminals.list(),
    openTerminal: (request: Parameters<Host['openTerminal']>[0]) => terminals.open({ ...request, command: ['sh'] }),
    attachTerminal: (id: string) => ({
      [Symbol.asyncIterator]() {
        const inner = terminals.attach(id)[Symbol.asyncIterator]()
        return { next: () => Promise.race([inner.next(), broken.promise]), return: () => inner.return!() }
      },
    }),
    writeTerminal: (id: string, data: Uint8Array) => terminals.write(id, data),
    resizeTerminal: (id: string, size: { width: number; height: number }) => terminals.resize(id, size),
    closeTerminal: (id: string) => terminals.close(id),
  } as unknown as Host
  link = { host, opened: async () => undefined, state: shallowRef({ state: 'open', attempt: 0, lostAt: 0 }) }
})
afterEach(async () => {
  for (const scope of scopes) scope.stop()
  await terminals[Symbol.asyncDispose]()
})

function open(more: { id?: string; fresh?: boolean } = {}) {
  let text = ''
  let resets = 0
  const scope = effectScope()
  scopes.push(scope)
  const session = scope.run(() =>
    useTerminalSession({
      link,
      target,
      screen: {
        write: async data => void (text += new TextDecoder().decode(data)),
        reset: () => {
          text = ''
          resets++
        },
        size: () => ({ width: 80, height: 24 }),
      },
      ...more,
    }),
  ) as TerminalSession
  return {
    session,
    scope,
    text: () => text,
    resets: () => resets,
    type: (keys: string) => session.send(new TextEncoder().encode(keys)),
  }
}

const connected = (view: ReturnType<typeof open>) => vi.waitUntil(() => view.session.state.value.state === 'connected')

it('shows what a command says and how it ended', async () => {
  const view = open()
  await connected(view)
  view.type('echo hello; exit 3\n')
  await vi.waitUntil(() => view.session.state.value.state === 'ended')
  expect(view.text()).toBe('hello\n')
  expect(view.session.state.value).toMatchObject({ state: 'ended', info: { exitCode: 3 } })
})

it('finds its session again, with its text, after the view was gone', async () => {
  const first = open()
  await connected(first)
  first.type('x=kept; echo one\n')
  await vi.waitUntil(() => first.text() === 'one\n')
  first.scope.stop()
  const second = open()
  await connected(second)
  second.type('echo $x\n')
  await vi.waitUntil(() => second.text() === 'one\nkept\n')
  expect(terminals.list()).toHaveLength(1)
})

it('gives a second view of the same container its own shell', async () => {
  await connected(open())
  await connected(open())
  expect(terminals.list()).toHaveLength(2)
})

it('comes back with the connection and shows everything once', async () => {
  const view = open()
  await connected(view)
  view.type('echo one\n')
  await vi.waitUntil(() => view.text() === 'one\n')
  cut()
  await vi.waitUntil(() => view.resets() === 1)
  await vi.waitUntil(() => view.text() === 'one\n')
  view.type('echo two\n')
  await vi.waitUntil(() => view.text() === 'one\ntwo\n')
})

it('ends the command when asked, and says when it could not open', async () => {
  const view = open()
  await connected(view)
  await view.session.end()
  expect(terminals.list()).toEqual([])
  const lost = open({ id: 'nothing' })
  await vi.waitUntil(() => lost.session.state.value.state === 'failed')
  expect(lost.session.state.value).toMatchObject({ message: 'terminals "nothing" not found' })
})
