import { EventEmitter } from 'node:events'
import { PassThrough } from 'node:stream'
import type { MessagePortMain } from 'electron'
import { expect, it } from 'vitest'
import { quitMessage } from '../../shared/contract/shell.ts'
import { createFakeClock } from '../../test/helpers/fake-clock.ts'
import { createEngine } from './engine.ts'

function start() {
  const clock = createFakeClock()
  const children: ReturnType<typeof child>[] = []
  const crashes: { code: number; words: string; delay: number; ranFor: number }[] = []
  const engine = createEngine({
    clock,
    fork: () => {
      children.push(child())
      return children.at(-1)!
    },
    onCrash: crash => crashes.push(crash),
    onStart: () => undefined,
  })
  return { clock, children, crashes, engine }
}

function child() {
  const messages: unknown[] = []
  let kills = 0
  return Object.assign(new EventEmitter(), {
    messages,
    stderr: new PassThrough(),
    postMessage: (message: unknown, transfer?: unknown[]) => void messages.push(transfer ?? message),
    kill: () => ++kills > 0,
    kills: () => kills,
  })
}

const port = () => {
  const state = { closed: false, close: () => (state.closed = true) }
  return state as unknown as typeof state & MessagePortMain
}

it('starts a crashed engine again, slower each time, and says what it wrote last', async () => {
  const { clock, children, crashes } = start()
  children[0]!.stderr.write('data directory in use by process 7\n')
  await clock.advance(100)
  for (let i = 0; i < 9; i++) {
    children.at(-1)!.emit('exit', 1)
    await clock.advance(30_000)
  }
  expect(crashes.map(({ delay }) => delay)).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000])
  expect(crashes[0]).toMatchObject({ code: 1, words: 'data directory in use by process 7\n', ranFor: 100 })
  expect(children).toHaveLength(10)
})

it('forgets old crashes after a good while', async () => {
  const { clock, children, crashes } = start()
  children[0]!.emit('exit', 1)
  await clock.advance(1000)
  await clock.advance(60_000)
  children[1]!.emit('exit', 1)
  expect(crashes.map(({ delay }) => delay)).toEqual([500, 500])
})

it('starts a crashed engine at once when asked to, once', async () => {
  const { clock, children, engine } = start()
  engine.retry()
  expect(children).toHaveLength(1)
  children[0]!.emit('exit', 1)
  engine.retry()
  engine.retry()
  expect(children).toHaveLength(2)
  await clock.advance(30_000)
  expect(children).toHaveLength(2)
  children[1]!.emit('exit', 1)
  await engine.stop()
  engine.retry()
  expect(children).toHaveLength(2)
})

it('hands ports to the engine, and closes them while there is none', async () => {
  const { clock, children, engine } = start()
  const first = port()
  engine.connect(first)
  expect(children[0]!.messages).toEqual([[first]])
  children[0]!.emit('exit', 1)
  const lost = port()
  engine.connect(lost)
  expect(lost.closed).toBe(true)
  await clock.advance(500)
  engine.connect(port())
  expect(children[1]!.messages).toHaveLength(1)
})

it('stops gracefully', async () => {
  const { clock, children, engine, crashes } = start()
  const stopped = engine.stop()
  expect(children[0]!.messages).toEqual([quitMessage])
  children[0]!.emit('exit', 0)
  await stopped
  expect([clock.pending, crashes.length, children[0]!.kills()]).toEqual([0, 0, 0])
})

it('ends an engine that does not stop within five seconds', async () => {
  const { clock, children, engine } = start()
  const stopped = engine.stop()
  await clock.advance(4_999)
  expect(children[0]!.kills()).toBe(0)
  await clock.advance(1)
  expect(children[0]!.kills()).toBe(1)
  await stopped
})

it('does not start again what was stopped while it waited to', async () => {
  const { clock, children, engine } = start()
  children[0]!.emit('exit', 1)
  await engine.stop()
  await clock.advance(60_000)
  expect(children).toHaveLength(1)
})
