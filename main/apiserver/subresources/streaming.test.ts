import { once } from 'node:events'
import { duplexPair, PassThrough, type Duplex } from 'node:stream'
import { connect } from 'node:tls'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { badRequest, forbidden } from '../../../shared/machinery/status.ts'
import type { AttachOptions, ExecSession } from '../../../shared/machinery/streams.ts'
import type { AdmissionPlugin, AdmissionRequest } from '../admission/admission.ts'
import type { KubeletConnector } from '../connector.ts'
import type { Authorizer } from '../filters/authorize.ts'
import type { UserInfo } from '../request.ts'
import { readFrames } from '../spdy/frames.ts'
import { execBytes, portForwardBytes } from '../spdy/recordings.fixture.ts'
import { startServer, type TestServer } from '../testing/start-server.ts'

const pods = '/api/v1/namespaces/default/pods'

/** Answers what it is told, and ends with `code` when the input does. */
function echo({ stdin }: AttachOptions, code = 0): ExecSession {
  const input = new PassThrough()
  if (!stdin) input.end()
  return {
    output: (async function* () {
      for await (const data of input as AsyncIterable<Uint8Array>) yield { stream: 'stdout' as const, data }
    })(),
    write: data => new Promise(resolve => input.write(data, () => resolve())),
    closeStdin: () => void input.end(),
    resize: () => Promise.resolve(),
    exitCode: Promise.resolve(code),
    async [Symbol.asyncDispose]() {
      input.destroy()
    },
  }
}

/** On port 80 something answers what it is told; nothing listens on others. */
const kubelets: KubeletConnector = {
  exec: (_pod, _container, options) => Promise.resolve(echo(options, Number(options.command[1] ?? 0))),
  attach: (_pod, _container, options) => Promise.resolve(echo(options)),
  logs: () =>
    Promise.resolve(
      (async function* () {
        yield Buffer.from('one\n')
        yield Buffer.from('two\n')
      })(),
    ),
  async portForward(_pod, port) {
    if (port !== 80) throw new Error('connection refused')
    const [near, far] = duplexPair()
    far.pipe(far)
    return near
  },
}

interface Options {
  admission?: AdmissionPlugin[]
  authorizer?: Authorizer
}

async function withPod(options: Options = {}): Promise<TestServer & { port: number }> {
  const s = await startServer({ kubelets, ...options })
  await s.send('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'default' } })
  await s.send('POST', pods, { metadata: { name: 'p' }, spec: { containers: [{ name: 'a', image: 'x' }] } })
  await s.send('POST', `${pods}/p/binding`, { metadata: { name: 'p' }, target: { kind: 'Node', name: 'n' } })
  const { port } = await s.server.listen({ host: '127.0.0.1', port: 0 })
  return Object.assign(s, { port })
}

const credentials = ({ authorities: { ca, admin } }: TestServer) => ({
  ca: ca.certificate,
  cert: admin.certificate,
  key: admin.key,
})

/** All messages of a WebSocket until the server closes it; `talk` says what the client sends. */
async function webSocket(
  s: TestServer & { port: number },
  { path, protocols, talk }: { path: string; protocols: string[]; talk?: (socket: WebSocket) => void },
): Promise<{ protocol: string; messages: Buffer[]; binary: boolean[] }> {
  const socket = new WebSocket(`wss://127.0.0.1:${s.port}${path}`, protocols, credentials(s))
  const messages: Buffer[] = []
  const binary: boolean[] = []
  socket.on('message', (data: Buffer, isBinary) => {
    messages.push(data)
    binary.push(isBinary)
  })
  await once(socket, 'open')
  talk?.(socket)
  await once(socket, 'close')
  return { protocol: socket.protocol, messages, binary }
}

/** The head of the answer to a POST that asks for SPDY, with the body if it is refused, and the connection after it. */
async function spdy(
  s: TestServer & { port: number },
  path: string,
  headers: string[],
): Promise<{ head: string; connection: Duplex }> {
  const connection = connect({ port: s.port, host: '127.0.0.1', ALPNProtocols: ['http/1.1'], ...credentials(s) })
  const lines = ['Host: x', 'Connection: Upgrade', 'Upgrade: SPDY/3.1', 'Content-Length: 0', ...headers]
  connection.write(`POST ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`)
  let head = ''
  for await (const chunk of connection.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    head += chunk.toString('latin1')
    if (head.startsWith('HTTP/1.1 101') && head.includes('\r\n\r\n')) break
  }
  return { head, connection }
}

/** What each stream carries, by its number, until the server ends the connection or, if given, a stream. */
async function carried(
  connection: AsyncIterable<Buffer>,
  { until }: { until?: number } = {},
): Promise<Record<number, string>> {
  const texts: Record<number, string> = {}
  const ended = new Set<number>()
  for await (const frame of readFrames(connection)) {
    if (!('data' in frame)) continue
    texts[frame.stream] = (texts[frame.stream] ?? '') + frame.data.toString()
    if (frame.fin) ended.add(frame.stream)
    if (until !== undefined && ended.has(until) && ended.has(1)) break
  }
  return texts
}

const version = (...protocols: string[]) => protocols.map(name => `X-Stream-Protocol-Version: ${name}`)
const execPath = `${pods}/p/exec?command=cat&stdin=1&stdout=1&stderr=1`
const on = (channel: number, text: string) => Buffer.concat([Buffer.from([channel]), Buffer.from(text)])

test("exec by SPDY carries kubectl's streams and tells the outcome", async () => {
  await using s = await withPod()
  const { head, connection } = await spdy(s, execPath, version('v4.channel.k8s.io', 'v3.channel.k8s.io'))
  expect(head).toMatch(/^HTTP\/1.1 101 /)
  expect(head).toContain('x-stream-protocol-version: v4.channel.k8s.io')
  connection.write(execBytes)
  const texts = await carried(connection)
  expect(texts[5]).toBe('hello\n')
  expect(JSON.parse(texts[1] ?? '')).toMatchObject({ status: 'Success' })
})

test('the first protocols of SPDY tell an exit code as a text', async () => {
  await using s = await withPod()
  const path = `${pods}/p/exec?command=exit&command=7&stdin=1&stdout=1&stderr=1`
  const { connection } = await spdy(s, path, version('v2.channel.k8s.io'))
  connection.write(execBytes)
  expect((await carried(connection))[1]).toBe('command terminated with non-zero exit code: exit status 7')
})

test.each([
  [[], '400 Bad Request', 'unable to upgrade: header X-Stream-Protocol-Version does not exist in request'],
  [version(' , '), '400 Bad Request', 'but no valid protocols'],
  [version('v9.channel.k8s.io'), '403 Forbidden', 'unable to negotiate protocol: client supports [v9.channel.k8s.io]'],
])('a client of SPDY that offers %j is refused', async (headers, status, why) => {
  await using s = await withPod()
  const { head, connection } = await spdy(s, execPath, headers)
  expect(head).toContain(`HTTP/1.1 ${status}`)
  expect(head).toContain(why)
  connection.destroy()
})

test('attach gives the client what the container says', async () => {
  await using s = await withPod()
  const path = `${pods}/p/attach?stdin=true&stdout=true`
  const { messages } = await webSocket(s, {
    path,
    protocols: ['v5.channel.k8s.io'],
    talk(socket) {
      socket.send(on(0, 'hi'))
      socket.send(Buffer.from([255, 0]))
    },
  })
  expect(messages[0]).toEqual(Buffer.from([1]))
  expect(messages.slice(1, -1)).toEqual([on(1, 'hi')])
  expect(messages.at(-1)?.toString()).toContain('"status":"Success"')
})

test.each([
  ['POST', 'exec', 'you must specify the command'],
  ['POST', 'exec?command=x', 'you must specify at least 1 of stdin, stdout, stderr'],
  ['POST', 'exec?command=x&stdout=1&container=b', 'container b is not valid for pod p'],
  ['GET', 'attach?stdout=1', 'Upgrade request required'],
  ['GET', 'portforward', 'Upgrade request required'],
  ['GET', 'portforward?ports=80,0', 'unable to parse "0" as a port'],
] as const)('%s %s is a bad request', async (method, path, why) => {
  await using s = await withPod()
  expect(
    await s.refused(method, `${pods}/p/${path.split('?')[0] ?? ''}`, undefined, { query: queryOf(path) }),
  ).toMatchObject({ code: 400, message: why })
})

const queryOf = (path: string) => Object.fromEntries(new URLSearchParams(path.split('?')[1] ?? ''))

/** What kubectl sends for one connection, up to the end of its request. */
const oneConnection = portForwardBytes.subarray(0, portForwardBytes.indexOf('GET') + 26)

test('port-forward by SPDY carries connections', async () => {
  await using s = await withPod()
  const { head, connection } = await spdy(s, `${pods}/p/portforward`, version('portforward.k8s.io'))
  expect(head).toMatch(/^HTTP\/1.1 101 /)
  connection.write(oneConnection)
  expect(await carried(connection, { until: 3 })).toEqual({ 1: '', 3: 'GET / HTTP/1.0\r\n\r\n' })
})

test('port-forward by SPDY within a WebSocket is the same', async () => {
  await using s = await withPod()
  const connection = connect({ port: s.port, host: '127.0.0.1', ALPNProtocols: ['http/1.1'], ...credentials(s) })
  const lines = ['Host: x', 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13']
  const offer = ['Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==', 'Sec-WebSocket-Protocol: SPDY/3.1+portforward.k8s.io']
  connection.write(`GET ${pods}/p/portforward HTTP/1.1\r\n${[...lines, ...offer].join('\r\n')}\r\n\r\n`)
  // In messages that know nothing of frames, masked with zeros.
  for (let at = 0; at < oneConnection.length; at += 50) {
    const part = oneConnection.subarray(at, at + 50)
    connection.write(Buffer.concat([Buffer.from([0x82, 0x80 | part.length, 0, 0, 0, 0]), part]))
  }
  expect(await carried(messagesOf(connection), { until: 3 })).toEqual({ 1: '', 3: 'GET / HTTP/1.0\r\n\r\n' })
})

/** The messages of a WebSocket, which are short, after the answer to its handshake. */
async function* messagesOf(connection: Duplex): AsyncGenerator<Buffer> {
  let rest = Buffer.alloc(0)
  let begun = false
  for await (const chunk of connection as AsyncIterable<Buffer>) {
    rest = Buffer.concat([rest, chunk])
    const end = rest.indexOf('\r\n\r\n')
    if (!begun && end < 0) continue
    if (!begun)
      expect(rest.toString('latin1', 0, end)).toMatch(/Sec-WebSocket-Protocol: SPDY\/3\.1\+portforward\.k8s\.io/)
    if (!begun) rest = rest.subarray(end + 4)
    begun = true
    while (rest.length >= 2 && rest.length >= 2 + (rest[1] ?? 0)) {
      yield rest.subarray(2, 2 + (rest[1] ?? 0))
      rest = rest.subarray(2 + (rest[1] ?? 0))
    }
  }
}

test('port-forward over channels begins with the ports and ends with the connections', async () => {
  await using s = await withPod()
  const { messages } = await webSocket(s, {
    path: `${pods}/p/portforward?ports=80&ports=8081`,
    protocols: ['v4.channel.k8s.io'],
    talk(socket) {
      socket.send(on(0, 'ping'))
      socket.on('message', (data: Buffer) => {
        if (data.toString().endsWith('ping')) socket.close()
      })
    },
  })
  const texts: Record<number, string> = {}
  for (const message of messages)
    texts[message[0] ?? 0] = (texts[message[0] ?? 0] ?? '') + message.toString('latin1', 1)
  expect(texts[0]).toBe('\x50\0ping')
  expect(texts[1]).toBe('\x50\0')
  expect(texts[2]).toBe('\x91\x1f')
  expect(texts[3]?.slice(0, 2)).toBe('\x91\x1f')
  expect(texts[3]?.slice(2)).toMatch(/^error forwarding port 8081 to pod p, uid .*: connection refused$/)
})

test.each([
  ['binary.k8s.io', true, 'one\ntwo\n'],
  ['base64.binary.k8s.io', false, `${btoa('one\n')}${btoa('two\n')}`],
])('logs over a WebSocket of %s begin with an empty message', async (protocol, isBinary, text) => {
  await using s = await withPod()
  const { messages, binary } = await webSocket(s, { path: `${pods}/p/log`, protocols: [protocol] })
  expect(messages[0]?.length).toBe(0)
  expect(Buffer.concat(messages).toString()).toBe(text)
  expect(new Set(binary)).toEqual(new Set([isBinary]))
})

test('a WebSocket of a protocol that is not spoken is refused', async () => {
  await using s = await withPod()
  const socket = new WebSocket(`wss://127.0.0.1:${s.port}${pods}/p/log`, ['v4.channel.k8s.io'], credentials(s))
  const [error] = (await once(socket, 'error')) as [Error]
  expect(error.message).toBe('Unexpected server response: 403')
})

test('a watch over a WebSocket has one event in each message', async () => {
  await using s = await withPod()
  const socket = new WebSocket(`wss://127.0.0.1:${s.port}${pods}?watch=true`, { ...credentials(s), origin: 'http://a' })
  const [first, isBinary] = (await once(socket, 'message')) as [Buffer, boolean]
  expect([JSON.parse(first.toString()), isBinary]).toMatchObject([{ type: 'ADDED', object: { kind: 'Pod' } }, false])
  const next = once(socket, 'message') as Promise<[Buffer]>
  await s.send('DELETE', `${pods}/p`, { gracePeriodSeconds: 0 })
  expect(JSON.parse((await next)[0].toString())).toMatchObject({ type: 'DELETED', object: { metadata: { name: 'p' } } })
  socket.close()
  await once(socket, 'close')
})

test('admission sees a connection and its options, and may refuse it', async () => {
  const seen: AdmissionRequest[] = []
  const plugin: AdmissionPlugin = {
    name: 'Test',
    validate(request) {
      if (request.operation !== 'CONNECT') return undefined
      seen.push(request)
      return request.subresource === 'attach' ? badRequest('no attaching here') : undefined
    },
  }
  await using s = await withPod({ admission: [plugin] })
  const path = `${pods}/p/attach`
  expect((await s.refused('POST', path, undefined, { query: { stdout: 'true', container: 'a' } })).message).toBe(
    'no attaching here',
  )
  const query = { command: ['ls', '-l'], stdout: '1' }
  await s.refused('POST', `${pods}/p/exec`, undefined, { query })
  await s.refused('POST', `${pods}/p/portforward`, undefined, { query: { ports: '80' } })
  expect(seen.map(({ name, connect: options }) => ({ name, ...options }))).toEqual([
    { name: 'p', kind: 'PodAttachOptions', apiVersion: 'v1', stdout: true, container: 'a' },
    { name: 'p', kind: 'PodExecOptions', apiVersion: 'v1', stdout: true, command: ['ls', '-l'] },
    { name: 'p', kind: 'PodPortForwardOptions', apiVersion: 'v1', ports: [80] },
  ])
})

test('whoever may only get opens no connection', async () => {
  const reader: UserInfo = { name: 'reader', groups: ['system:authenticated'] }
  const authorizer: Authorizer = {
    authorize: (user, info) => ({ allowed: user.name !== 'reader' || info.verb === 'get', reason: 'only get' }),
  }
  await using s = await withPod({ authorizer })
  const client = s.server.transport(reader)
  for (const subresource of ['exec', 'attach', 'portforward']) {
    const query = { command: 'x', stdout: '1' }
    const request = client.request({ method: 'GET', path: `${pods}/p/${subresource}`, query })
    await expect(request).rejects.toMatchObject(forbidden({ group: '', resource: 'pods', name: 'p' }, 'only get'))
  }
})
