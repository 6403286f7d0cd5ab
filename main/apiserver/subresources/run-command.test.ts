import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import type { ExecSession } from '../../../shared/machinery/streams.ts'
import type { Channel } from '../request.ts'
import { webSocketStreams } from './command-streams.ts'
import { runCommand } from './run-command.ts'

const wanted = { stdin: true, stdout: true, stderr: true, tty: true }

/** A client that remembers whether it is held back and what it was sent; `sent` says when a message has left. */
function connection({ protocol = 'v5.channel.k8s.io', sent = () => Promise.resolve() } = {}) {
  const state = { paused: false, receive: (_: Buffer) => {}, leave: () => {}, messages: [] as string[] }
  const left: (() => void)[] = []
  const channel: Channel = {
    protocol,
    send(data) {
      state.messages.push(Buffer.from(data).toString('latin1'))
      return sent()
    },
    onMessage: listener => void (state.receive = listener),
    onClose: listener => void left.push(listener),
    pause: () => void (state.paused = true),
    resume: () => void (state.paused = false),
    close: () => undefined,
  }
  state.leave = () => left.forEach(listener => listener())
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

/** Output that goes on until it is told to end. */
function endless() {
  const stream = new PassThrough()
  const output = (async function* () {
    for await (const data of stream as AsyncIterable<Uint8Array>) yield { stream: 'stdout' as const, data }
  })()
  return { stream, output }
}

const settle = () => new Promise(resolve => setImmediate(resolve))
const input = (size: number) => Buffer.alloc(size + 1)

test('a client waits with more than a mebibyte until the command has taken it', async () => {
  const { state, channel } = connection()
  const { stream, output } = endless()
  const taken: number[] = []
  let take = () => {}
  const write = (data: Uint8Array) => {
    taken.push(data.byteLength)
    return new Promise<void>(resolve => (take = resolve))
  }
  const outcome = runCommand(webSocketStreams(channel, wanted), () => Promise.resolve(sessionWith({ write, output })))
  state.receive(input(1))
  await settle()
  state.receive(input(2 ** 20))
  state.receive(input(1))
  expect(state.paused).toBe(true)
  while (taken.reduce((a, b) => a + b) < 2 ** 20 + 2) {
    take()
    await settle()
  }
  expect(state.paused).toBe(false)
  stream.end()
  expect(await outcome).toMatchObject({ status: 'Success' })
})

test('what a client sends before there is a command waits for it', async () => {
  const { state, channel } = connection()
  const opened = Promise.withResolvers<ExecSession>()
  const outcome = runCommand(webSocketStreams(channel, wanted), () => opened.promise)
  state.receive(Buffer.from('\0early'))
  state.receive(Buffer.from('\u0004{"Width":80,"Height":24}'))
  state.receive(Buffer.from('\u0004{"Width":90,"Height":30}'))
  state.receive(Buffer.from([255, 0]))
  const done: unknown[] = []
  const { stream, output } = endless()
  opened.resolve(
    sessionWith({
      output,
      write: async data => void done.push(Buffer.from(data).toString()),
      resize: async size => void done.push(size),
      closeStdin: () => void done.push('end'),
    }),
  )
  while (done.length < 4) await settle()
  expect(done).toEqual(expect.arrayContaining(['early', 'end', { width: 80, height: 24 }, { width: 90, height: 30 }]))
  stream.end()
  await outcome
})

test('what a client sends after the end of its input is lost, and holds up nothing', async () => {
  const { state, channel } = connection()
  const { stream, output } = endless()
  let words = ''
  const write = async (data: Uint8Array) => void (words += Buffer.from(data).toString())
  const outcome = runCommand(webSocketStreams(channel, wanted), () => Promise.resolve(sessionWith({ write, output })))
  for (const message of ['\0in time', '\xff\0', '\0late', '\xff\0']) state.receive(Buffer.from(message, 'latin1'))
  expect(state.paused).toBe(false)
  stream.end()
  await outcome
  expect(words).toBe('in time')
})

test('a command waits for a client that is slow', async () => {
  let taken = () => {}
  const { state, channel } = connection({ sent: () => new Promise(resolve => (taken = resolve)) })
  const asked: number[] = []
  const output = (async function* () {
    for (let at = 0; at < 3; at++) {
      asked.push(at)
      yield { stream: 'stdout' as const, data: Buffer.from(String(at)) }
    }
  })()
  const outcome = runCommand(webSocketStreams(channel, wanted), () => Promise.resolve(sessionWith({ output })))
  await settle()
  expect(asked).toEqual([0])
  while (asked.length < 3) {
    taken()
    await settle()
  }
  taken()
  await outcome
  expect(state.messages).toEqual(['\u0001', '\u00010', '\u00011', '\u00012'])
})

test('a command whose input is closed goes on', async () => {
  const { state, channel } = connection()
  const { stream, output } = endless()
  const write = () => Promise.reject(new Error('closed'))
  const outcome = runCommand(webSocketStreams(channel, wanted), () => Promise.resolve(sessionWith({ output, write })))
  for (let at = 0; at < 5; at++) {
    state.receive(input(2 ** 20))
    await settle()
  }
  expect(state.paused).toBe(false)
  stream.end('still here')
  await outcome
  expect(state.messages).toContain('\u0001still here')
})

test('a client that goes ends the session, and no error comes of it', async () => {
  const { state, channel } = connection()
  const { stream, output } = endless()
  const disposed = Promise.withResolvers<undefined>()
  const session = sessionWith({
    output,
    async [Symbol.asyncDispose]() {
      stream.destroy(new Error('cut off'))
      disposed.resolve(undefined)
    },
  })
  const outcome = runCommand(webSocketStreams(channel, wanted), () => Promise.resolve(session))
  await settle()
  state.leave()
  await disposed.promise
  await expect(outcome).resolves.toMatchObject({ status: 'Success' })
})

test.each([
  ['v4.channel.k8s.io', '\u0003{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Success"}'],
  ['base64.channel.k8s.io', undefined],
])('%s tells success in its own way', (protocol, message) => {
  const { state, channel } = connection({ protocol })
  webSocketStreams(channel, wanted).finish({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' })
  expect(state.messages[1]).toBe(message)
})
