import { expect, test } from 'vitest'
import type { ExecSession } from '../../../shared/machinery/streams.ts'
import type { Channel } from '../request.ts'
import { createRemoteCommand } from './remote-command.ts'

/** A connection that remembers whether it is held back. */
function connection() {
  const state = { paused: false, receive: (_: Buffer) => {} }
  const channel: Channel = {
    protocol: 'v5.channel.k8s.io',
    send: () => Promise.resolve(),
    onMessage: listener => void (state.receive = listener),
    onClose() {},
    pause: () => void (state.paused = true),
    resume: () => void (state.paused = false),
    close() {},
  }
  return { state, channel }
}

function sessionWith(given: Partial<ExecSession>): ExecSession {
  return {
    output: (async function* () {})(),
    write: () => Promise.resolve(),
    closeStdin() {},
    resize: () => Promise.resolve(),
    exitCode: Promise.resolve(0),
    [Symbol.asyncDispose]: () => Promise.resolve(),
    ...given,
  }
}

test('a client waits until the command has taken enough of its input', async () => {
  const { state, channel } = connection()
  const writes: (() => void)[] = []
  createRemoteCommand(channel).attach(sessionWith({ write: () => new Promise(resolve => writes.push(resolve)) }))
  const input = (size: number) => state.receive(Buffer.concat([Buffer.from([0]), Buffer.alloc(size)]))
  const settle = () => new Promise(resolve => setImmediate(resolve))
  input(1)
  input(2 ** 20)
  input(2 ** 20)
  const seen: boolean[] = []
  for (let at = 0; at < 3; at++) {
    await settle()
    seen.push(state.paused)
    writes.shift()?.()
  }
  await settle()
  // Two mebibytes and a byte wait, then two, then one, then nothing.
  expect([...seen, state.paused]).toEqual([true, true, false, false])
})

test('a client waits with more than a mebibyte of input until there is a command', async () => {
  const { state, channel } = connection()
  const command = createRemoteCommand(channel)
  const sizes: number[] = []
  const both = Promise.withResolvers<undefined>()
  state.receive(Buffer.alloc(2 ** 20))
  expect(state.paused).toBe(false)
  state.receive(Buffer.from([0, 1]))
  expect(state.paused).toBe(true)
  command.attach(
    sessionWith({
      write: data => {
        if (sizes.push(data.byteLength) === 2) both.resolve(undefined)
        return Promise.resolve()
      },
    }),
  )
  expect(state.paused).toBe(false)
  await both.promise
  expect(sizes).toEqual([2 ** 20 - 1, 1])
})

test('a command whose input can not be closed goes on', async () => {
  const { state, channel } = connection()
  const written = Promise.withResolvers<string>()
  createRemoteCommand(channel).attach(
    sessionWith({
      closeStdin: () => {
        throw new Error('gone')
      },
      write: data => {
        written.resolve(Buffer.from(data).toString())
        return Promise.resolve()
      },
    }),
  )
  state.receive(Buffer.from([255, 0]))
  state.receive(Buffer.from('\0more'))
  expect(await written.promise).toBe('more')
})
