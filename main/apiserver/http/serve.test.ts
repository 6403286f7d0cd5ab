import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { connect } from 'node:http2'
import { Agent, request } from 'node:https'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { Logger } from '../../../shared/machinery/log.ts'
import { reconcilePolicy } from '../authz/bootstrap/reconcile-policy.ts'
import { issueAuthority, issueCertificate } from '../tls/issue.ts'
import { startServer, type TestServer } from '../testing/start-server.ts'

const maps = '/api/v1/namespaces/default/configmaps'

interface Ask {
  method?: string
  headers?: Record<string, string>
  body?: string | Buffer
  /** PEM of a client certificate; null for none. Default: the administrator's. */
  client?: { certificate: string; key: string } | null
}

interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: Buffer
}

function tlsOf({ authorities }: TestServer, client: Ask['client']) {
  const pair = client === undefined ? authorities.admin : client
  return { ca: authorities.ca.certificate, ...(pair && { cert: pair.certificate, key: pair.key }) }
}

/** Over HTTP/1.1, each on a connection of its own. */
async function ask(
  s: TestServer,
  port: number,
  path: string,
  { method = 'GET', headers = {}, body, client }: Ask = {},
): Promise<Answer> {
  const sent = request({ host: '127.0.0.1', port, path, method, headers, agent: false, ...tlsOf(s, client) })
  sent.end(body)
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }
}

async function listening(options = {}) {
  const s = await startServer(options)
  const { port } = await s.server.listen({ host: '127.0.0.1', port: 0 })
  return Object.assign(s, { port })
}

const json = (answer: Answer) => JSON.parse(answer.body.toString()) as Record<string, unknown>

test('HTTP/1.1: objects are made and read with their headers', async () => {
  await using s = await listening()
  const made = await ask(s, s.port, maps, {
    method: 'POST',
    body: '{"metadata":{"name":"a"},"data":{"k":"v","k":"w"}}',
  })
  expect(made.status).toBe(201)
  expect(made.headers).toMatchObject({
    'content-type': 'application/json',
    'cache-control': 'no-cache, private',
    warning: '299 - "duplicate field \\"data.k\\""',
  })
  expect(made.headers['audit-id']).toMatch(/^[0-9a-f-]{36}$/)
  expect(json(await ask(s, s.port, `${maps}/a`))).toMatchObject({ kind: 'ConfigMap', data: { k: 'w' } })
  const yaml = await ask(s, s.port, `${maps}/a`, { headers: { accept: 'application/yaml' } })
  expect(yaml.body.toString()).toContain('kind: ConfigMap\n')
})

test('HTTP/2: a watch streams lines while other requests go on', async () => {
  await using s = await listening()
  const session = connect(`https://127.0.0.1:${s.port}`, tlsOf(s, undefined))
  try {
    const stream = session.request({ ':path': `${maps}?watch=1` })
    const [head] = (await once(stream, 'response')) as [Record<string, unknown>]
    expect(head[':status']).toBe(200)
    const post = session.request({ ':path': maps, ':method': 'POST' })
    post.end('{"metadata":{"name":"a"}}')
    post.resume()
    await once(post, 'end')
    const seen: string[] = []
    for await (const chunk of stream) {
      seen.push(...String(chunk).split('\n').filter(Boolean))
      if (seen.length > 0) break
    }
    expect(JSON.parse(seen[0]!)).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'a' } } })
  } finally {
    session.destroy()
    await once(session, 'close')
  }
})

test('HTTP/1.1: a watch answers before anything has happened', async () => {
  await using s = await listening()
  const path = `${maps}?watch=1&resourceVersion=${s.store.revision}`
  const sent = request({ host: '127.0.0.1', port: s.port, path, agent: false, ...tlsOf(s, undefined) })
  sent.end()
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  expect(response.statusCode).toBe(200)
  await s.send('POST', maps, { metadata: { name: 'a' } })
  const [line] = (await once(response, 'data')) as [Buffer]
  expect(JSON.parse(line.toString())).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'a' } } })
  const closed = new Promise(resolve => sent.once('close', resolve))
  sent.destroy()
  await closed
})

test('who shows nothing may ask for health and version alone; bad credentials are a 401', async () => {
  await using s = await listening()
  await reconcilePolicy(s.admin)
  expect((await ask(s, s.port, '/readyz', { client: null })).body.toString()).toBe('ok')
  expect(json(await ask(s, s.port, '/version', { client: null }))).toMatchObject({ major: '1', minor: '36' })
  const denied = await ask(s, s.port, '/api/v1/namespaces/default/pods', { client: null })
  expect([denied.status, json(denied).message]).toEqual([
    403,
    'pods is forbidden: User "system:anonymous" cannot list resource "pods" in API group "" in the namespace "default"',
  ])
  expect(
    (await ask(s, s.port, '/version', { client: null, headers: { authorization: 'Bearer nonsense' } })).status,
  ).toBe(401)
  const stranger = await issueCertificate({
    subject: { commonName: 'kubernetes-admin', organization: 'system:masters' },
    usage: 'client',
    ca: await issueAuthority('another', Date.now()),
    now: Date.now(),
  })
  expect((await ask(s, s.port, '/version', { client: stranger })).status).toBe(401)
  const expired = await issueCertificate({
    subject: { commonName: 'kubernetes-admin', organization: 'system:masters' },
    usage: 'client',
    ca: s.authorities.ca,
    now: Date.now() - 400 * 24 * 60 * 60_000,
  })
  expect((await ask(s, s.port, '/version', { client: expired })).status).toBe(401)
  // A certificate for servers says nothing about clients.
  expect((await ask(s, s.port, '/version', { client: s.authorities.serving })).status).toBe(401)
})

test('a client certificate gives name and groups', async () => {
  await using s = await listening()
  await reconcilePolicy(s.admin)
  const client = await issueCertificate({
    subject: { commonName: 'jane', organization: 'dev' },
    usage: 'client',
    ca: s.authorities.ca,
    now: Date.now(),
  })
  expect((await ask(s, s.port, '/apis', { client })).status).toBe(200)
  expect(json(await ask(s, s.port, '/api/v1/configmaps', { client })).message).toBe(
    'configmaps is forbidden: User "jane" cannot list resource "configmaps" in API group "" at the cluster scope',
  )
})

test('bodies are limited in size and type', async () => {
  await using s = await listening()
  const large = await ask(s, s.port, maps, { method: 'POST', body: Buffer.alloc(3 * 1024 * 1024 + 1, ' ') })
  expect([large.status, json(large).reason]).toEqual([413, 'RequestEntityTooLarge'])
  const malformed = await ask(s, s.port, maps, { method: 'POST', body: '{' })
  expect([malformed.status, json(malformed).reason]).toEqual([400, 'BadRequest'])
  const text = await ask(s, s.port, maps, { method: 'POST', body: 'x', headers: { 'content-type': 'text/plain' } })
  expect([text.status, json(text).reason]).toEqual([415, 'UnsupportedMediaType'])
  const yaml = { method: 'POST', headers: { 'content-type': 'application/yaml' } }
  expect((await ask(s, s.port, maps, { ...yaml, body: 'metadata:\n  name: written\n' })).status).toBe(201)
  const twice = await ask(s, s.port, `${maps}?fieldValidation=Strict`, {
    ...yaml,
    body: 'metadata:\n  name: z\ndata:\n  a: b\n  a: c\n',
  })
  expect(json(twice).message).toContain('line 5: key "a" already set in map')
})

test('large answers are compressed for clients that accept it', async () => {
  await using s = await listening()
  await s.send('POST', maps, { metadata: { name: 'a' }, data: { k: 'x'.repeat(200_000) } })
  const plain = await ask(s, s.port, `${maps}/a`)
  expect(plain.headers['content-encoding']).toBeUndefined()
  const zipped = await ask(s, s.port, `${maps}/a`, { headers: { 'accept-encoding': 'gzip' } })
  expect(zipped.headers['content-encoding']).toBe('gzip')
  expect(gunzipSync(zipped.body).equals(plain.body)).toBe(true)
})

test('an unknown path, an unknown kind and a wrong method are Statuses', async () => {
  await using s = await listening()
  for (const path of ['/nothing', '/api/v1/nothings', '/apis/example.com/v1/things', `${maps}/a/nothing`]) {
    const answer = await ask(s, s.port, path)
    expect([answer.status, json(answer).reason]).toEqual([404, 'NotFound'])
  }
  expect((await ask(s, s.port, maps, { method: 'PUT', body: '{}' })).status).toBe(405)
  expect((await ask(s, s.port, '/api/v1/%zz')).status).toBe(400)
})

test('a WebSocket that is refused gets the Status', async () => {
  await using s = await listening()
  const socket = new WebSocket(
    `wss://127.0.0.1:${s.port}/api/v1/namespaces/default/pods/none/exec?command=ls&stdout=1`,
    ['v5.channel.k8s.io'],
    tlsOf(s, undefined),
  )
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage]
  expect(response.statusCode).toBe(404)
  response.resume()
  await once(response, 'close')
})

test('requests on one connection leave nothing on it', async () => {
  const followed: number[] = []
  await using s = await listening({
    kubelets: {
      logs: (_pod: unknown, _container: string, { signal }: { signal: AbortSignal }) => {
        signal.addEventListener('abort', () => followed.push(followed.length))
        return Promise.resolve((async function* () {})())
      },
      exec: () => Promise.reject(new Error('none')),
    },
  })
  await s.send('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'default' } })
  const pod = '/api/v1/namespaces/default/pods'
  const spec = { nodeName: 'n', containers: [{ name: 'a', image: 'x' }] }
  await s.send('POST', pod, { metadata: { name: 'p' }, spec })
  const agent = new Agent({ keepAlive: true, maxSockets: 1, ...tlsOf(s, undefined) })
  for (let at = 0; at < 3; at++) {
    const sent = request({ host: '127.0.0.1', port: s.port, path: `${pod}/p/log`, agent }).end()
    const [response] = (await once(sent, 'response')) as [IncomingMessage]
    response.resume()
    await once(response, 'end')
  }
  // Each request's end was told while the connection stayed open.
  expect([followed, Object.keys(agent.freeSockets).length]).toEqual([[0, 1, 2], 1])
  agent.destroy()
})

test('a client that goes away in the middle of a body is no fault of the server', async () => {
  const errors: string[] = []
  const { promise, resolve } = Promise.withResolvers<undefined>()
  const log: Logger = { error: text => void errors.push(text), info() {}, debug() {}, with: () => log }
  const authorizer = {
    authorize(_: unknown, { resource }: { resource: string }) {
      if (resource === 'configmaps') resolve(undefined)
      return { allowed: true, reason: '' }
    },
  }
  await using s = await listening({ log, authorizer })
  const sent = request({
    host: '127.0.0.1',
    port: s.port,
    path: maps,
    method: 'POST',
    headers: { 'content-length': '100' },
    agent: false,
    ...tlsOf(s, undefined),
  })
  sent.on('error', () => undefined)
  sent.write('{"metadata":')
  await promise
  const closed = new Promise(resolve => sent.once('close', resolve))
  sent.destroy()
  await closed
  // Whatever the broken request did is done when a later one is answered and its connection closed.
  await ask(s, s.port, maps)
  await s.server[Symbol.asyncDispose]()
  expect(errors).toEqual([])
})

test('a WebSocket message that is too large ends the connection and the command', async () => {
  const ended = Promise.withResolvers<undefined>()
  const taken: number[] = []
  const kubelets = {
    logs: () => Promise.reject(new Error('none')),
    exec: () =>
      Promise.resolve({
        output: silentUntil(ended.promise),
        write: (data: Uint8Array) => {
          taken.push(data.byteLength)
          return Promise.resolve()
        },
        closeStdin() {},
        resize: () => Promise.resolve(),
        exitCode: Promise.resolve(0),
        [Symbol.asyncDispose]: () => {
          ended.resolve(undefined)
          return ended.promise
        },
      }),
  }
  await using s = await listening({ kubelets })
  await s.send('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'default' } })
  const spec = { nodeName: 'n', containers: [{ name: 'a', image: 'x' }] }
  await s.send('POST', '/api/v1/namespaces/default/pods', { metadata: { name: 'p' }, spec })
  const socket = new WebSocket(
    `wss://127.0.0.1:${s.port}/api/v1/namespaces/default/pods/p/exec?command=cat&stdin=1&stdout=1`,
    ['v5.channel.k8s.io'],
    tlsOf(s, undefined),
  )
  // The server may be gone before all of the message is.
  socket.on('error', () => undefined)
  await once(socket, 'open')
  const closed = once(socket, 'close')
  socket.send(Buffer.alloc(4 * 1024 * 1024 + 1))
  await closed
  await ended.promise
  expect(taken).toEqual([])
})

/** The output of a command that says nothing. */
async function* silentUntil(end: Promise<undefined>): AsyncIterable<never> {
  await end
  yield* []
}
