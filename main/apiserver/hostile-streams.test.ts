import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { duplexPair, PassThrough } from 'node:stream'
import { connect, type TLSSocket } from 'node:tls'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { AttachOptions, ExecSession } from '../../shared/machinery/streams.ts'
import type { KubeletConnector } from './connector.ts'
import { adminTls, ask, startListening } from './testing/ask.ts'
import { listeningLog } from './testing/listening-log.ts'
import type { TestServer } from './testing/start-server.ts'

// Streams whose clients keep to no protocol, or to no pace.

const maps = '/api/v1/namespaces/default/configmaps'
const pods = '/api/v1/namespaces/default/pods'

/** Containers that answer what they are told, and the sessions with them that are open. */
function echoes() {
  const open = new Set<object>()
  const echo = async ({ stdin }: AttachOptions): Promise<ExecSession> => {
    const input = new PassThrough()
    open.add(input)
    if (!stdin) input.end()
    return {
      output: (async function* () {
        for await (const data of input as AsyncIterable<Uint8Array>) yield { stream: 'stdout' as const, data }
      })(),
      write: data => new Promise(resolve => input.write(data, () => resolve())),
      closeStdin: () => void input.end(),
      resize: () => Promise.resolve(),
      exitCode: Promise.resolve(0),
      async [Symbol.asyncDispose]() {
        open.delete(input)
        input.destroy()
      },
    }
  }
  const kubelets: KubeletConnector = {
    exec: (_pod, _container, options) => echo(options),
    attach: (_pod, _container, options) => echo(options),
    logs: () => Promise.reject(new Error('nobody reads logs here')),
    async portForward() {
      const [near, far] = duplexPair()
      open.add(near)
      near.on('close', () => open.delete(near))
      far.on('error', () => undefined)
      far.pipe(far)
      return near
    },
  }
  return { kubelets, open }
}

async function startWithPod() {
  const { kubelets, open } = echoes()
  const { errors, log } = listeningLog()
  const s = await startListening({ kubelets, log })
  await s.send('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'default' } })
  await s.send('POST', pods, { metadata: { name: 'p' }, spec: { containers: [{ name: 'a', image: 'x' }] } })
  await s.send('POST', `${pods}/p/binding`, { metadata: { name: 'p' }, target: { kind: 'Node', name: 'n' } })
  return Object.assign(s, { errors, open })
}

interface Opening {
  path: string
  protocol?: string
}

/** A connection whose WebSocket handshake has succeeded. */
async function webSocket(s: TestServer & { port: number }, { path, protocol }: Opening): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', port: s.port, ALPNProtocols: ['http/1.1'], ...adminTls(s) })
  socket.on('error', () => undefined)
  const lines = [
    `GET ${path} HTTP/1.1`,
    'Host: a',
    'Origin: http://a',
    'Connection: Upgrade',
    'Upgrade: websocket',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    'Sec-WebSocket-Version: 13',
    ...(protocol === undefined ? [] : [`Sec-WebSocket-Protocol: ${protocol}`]),
  ]
  socket.write(`${lines.join('\r\n')}\r\n\r\n`)
  const [head] = (await once(socket, 'data')) as [Buffer]
  expect(head.toString('latin1')).toMatch(/^HTTP\/1\.1 101 /)
  return socket
}

/** Resolves when the server has let go of the connection. */
async function closed(socket: TLSSocket): Promise<void> {
  socket.resume()
  if (!socket.closed) await once(socket, 'close')
}

const mask = Buffer.alloc(4)
/** A frame as a client must send it; the mask of zeros changes nothing. */
const frame = (first: number, payload: Uint8Array) =>
  Buffer.concat([Buffer.from([first, 0x80 | payload.length]), mask, payload])
const final = 0x80
const [text, binary, close, ping] = [1, 2, 8, 9]

const channels: Opening = { path: `${pods}/p/exec?command=cat&stdin=1&stdout=1`, protocol: 'v5.channel.k8s.io' }

test('a client whose frames are none is let go, and what it had opened is closed', async () => {
  await using s = await startWithPod()
  for (const bytes of [
    // Not masked, reserved bits, an unknown opcode, a control frame in parts, one that is too long.
    Buffer.from([final | binary, 1, 0]),
    frame(final | 0x40 | binary, Buffer.from([0])),
    frame(final | 0x70 | binary, Buffer.from([0])),
    frame(final | 3, Buffer.from([0])),
    frame(ping, Buffer.alloc(1)),
    Buffer.concat([Buffer.from([final | ping, 0x80 | 126, 0, 126]), mask, Buffer.alloc(126)]),
    // A continuation of nothing, a message within another, text that is none, ends for reasons that are none.
    frame(final, Buffer.from([0])),
    Buffer.concat([frame(binary, Buffer.from([0])), frame(final | binary, Buffer.from([0]))]),
    frame(final | text, Buffer.from([0xff, 0xfe])),
    frame(final | close, Buffer.from([1])),
    frame(final | close, Buffer.from([0, 1])),
    frame(final | close, Buffer.from([3, 232, 0xff])),
    // Lengths beyond the limit, and beyond all numbers.
    Buffer.concat([Buffer.from([final | binary, 0x80 | 127, 0, 0, 0, 0, 0, 0x50, 0, 0]), mask]),
    Buffer.concat([Buffer.from([final | binary, 0x80 | 127]), Buffer.alloc(8, 0xff), mask]),
  ]) {
    const socket = await webSocket(s, channels)
    socket.write(bytes)
    await closed(socket)
  }
  await expect.poll(() => s.open.size).toBe(0)
  expect(s.errors).toEqual([])
  expect((await ask(s, '/readyz')).body).toBe('ok')
})

test('a handshake that is none is refused with a Status', async () => {
  await using s = await startListening()
  const upgrade = { connection: 'Upgrade', upgrade: 'websocket', origin: 'http://a' }
  const key = { 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' }
  const version = { 'sec-websocket-version': '13' }
  const watch = `${maps}?watch=1`
  for (const [headers, code] of [
    [{ ...upgrade, ...version }, 400],
    [{ ...upgrade, ...key, 'sec-websocket-version': '12' }, 400],
    [{ ...upgrade, ...version, 'sec-websocket-key': 'short' }, 400],
    [{ ...upgrade, ...version, ...key, origin: 'nowhere' }, 403],
    [{ ...upgrade, ...version, ...key, origin: 'null' }, 403],
  ] as const) {
    expect(JSON.parse((await ask(s, watch, { headers })).body)).toMatchObject({ kind: 'Status', code })
  }
})

test('whatever comes over the channels of exec, attach and port-forward, it ends with its client', async () => {
  await using s = await startWithPod()
  const opening = fc.constantFrom<Opening[]>(
    channels,
    { ...channels, protocol: 'v4.channel.k8s.io' },
    { ...channels, protocol: 'base64.channel.k8s.io' },
    { path: `${pods}/p/exec?command=cat&stdin=1&stdout=1&tty=1`, protocol: 'v5.channel.k8s.io' },
    { path: `${pods}/p/attach?stdin=1&stdout=1`, protocol: 'v4.base64.channel.k8s.io' },
    { path: `${pods}/p/portforward?ports=80`, protocol: 'v4.channel.k8s.io' },
    { path: `${pods}/p/portforward`, protocol: 'SPDY/3.1+portforward.k8s.io' },
  )
  const channel = fc.constantFrom(0, 1, 2, 3, 4, 5, 48, 49, 52, 128, 255)
  const payload = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc.constantFrom('', '{"Width":-1,"Height":1e9}', '{"Width":', '====', '\xff\0').map(value => Buffer.from(value)),
  )
  const message = fc.tuple(channel, payload, fc.constantFrom(final | text, final | binary, binary, final))
  const property = fc.asyncProperty(opening, fc.array(message, { maxLength: 5 }), async (given, messages) => {
    const socket = await webSocket(s, given)
    for (const [number, data, first] of messages) socket.write(frame(first, Buffer.from([number, ...data])))
    socket.end(frame(final | close, Buffer.alloc(0)))
    await closed(socket)
    await expect.poll(() => s.open.size).toBe(0)
    expect(s.errors).toEqual([])
  })
  await fc.assert(property, { numRuns: 60, seed: 1 })
}, 60_000)

test('a watch that nobody reads is cut off, and holds no more than it may', async () => {
  await using s = await startListening()
  await s.send('POST', maps, { metadata: { name: 'large' } })
  const size = 900_000
  const socket = connect({ host: '127.0.0.1', port: s.port, ALPNProtocols: ['http/1.1'], ...adminTls(s) })
  socket.write(`GET ${maps}?watch=1&resourceVersion=${s.store.revision} HTTP/1.1\r\nHost: a\r\n\r\n`)
  await once(socket, 'data')
  socket.pause()
  for (let at = 0; at < 40; at++) {
    await s.send('PUT', `${maps}/large`, { metadata: { name: 'large' }, data: { at: `${at}`.padEnd(size, 'x') } })
  }
  // It has ended by now; what was under way is still there to read.
  let received = 0
  let end = ''
  socket.on('data', (data: Buffer) => {
    received += data.length
    end = (end + data.subarray(-5).toString('latin1')).slice(-5)
    if (end === '0\r\n\r\n') socket.destroy()
  })
  socket.resume()
  await once(socket, 'close')
  expect(end).toBe('0\r\n\r\n')
  expect(received).toBeLessThan(40 * size)
}, 60_000)
