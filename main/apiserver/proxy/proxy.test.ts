import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { connect as connectHttp2 } from 'node:http2'
import { createServer as createSecureServer } from 'node:https'
import { connect, type AddressInfo } from 'node:net'
import { buffer, text } from 'node:stream/consumers'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterEach, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import type { Dial } from '../egress/dial.ts'
import { adminTls, ask, startListening } from '../testing/ask.ts'
import { issueAuthority, issueCertificate } from '../tls/issue.ts'

const podIp = '10.244.1.5'
const web = '/api/v1/namespaces/default/pods/web:8080/proxy'
const servers = new Set<Server>()
afterEach(() => {
  for (const server of servers) server.close().closeAllConnections()
  servers.clear()
})

/** Pods' addresses lead to this machine, as they would through a node. */
const dial: Dial = async (host, port) => {
  if (host !== podIp) throw Object.assign(new Error('no such pod'), { code: 'EHOSTUNREACH' })
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  return socket
}

async function listen(server: Server): Promise<number> {
  servers.add(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

/** A cluster with a pod `web` at whose container port `listener` answers, and a Service of the same name. */
async function cluster(listener: RequestListener, server: Server = createServer()) {
  server.on('request', listener)
  const port = await listen(server)
  const s = await startListening({ dial })
  const container = { name: 'web', image: 'x', ports: [{ containerPort: port }] }
  await s.send('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'default' } })
  const pod = { metadata: { name: 'web' }, spec: { containers: [container] } }
  await s.send('POST', '/api/v1/namespaces/default/pods', pod)
  const status = { podIP: podIp, podIPs: [{ ip: podIp }], phase: 'Running' }
  await s.send('PATCH', '/api/v1/namespaces/default/pods/web/status', { status }, merge)
  const ports = [{ name: 'http', port: 80, targetPort: port }]
  await s.send('POST', '/api/v1/namespaces/default/services', { metadata: { name: 'web' }, spec: { ports } })
  const slice = (ready: boolean) => ({
    metadata: { name: 'web-1', labels: { 'kubernetes.io/service-name': 'web' } },
    addressType: 'IPv4',
    endpoints: [
      { addresses: [podIp], conditions: { ready }, targetRef: { kind: 'Pod', name: 'web', namespace: 'default' } },
    ],
    ports: [{ name: 'http', port, protocol: 'TCP' }],
  })
  const slices = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices'
  await s.send('POST', slices, slice(true))
  return Object.assign(s, {
    podPort: port,
    path: web.replace('8080', String(port)),
    unready: () => s.send('PATCH', `${slices}/web-1`, { endpoints: slice(false).endpoints }, merge),
  })
}

const merge = { headers: { 'content-type': 'application/merge-patch+json' } }

/** Answers with what it was asked. */
const mirror: RequestListener = (message, response) => {
  void text(message).then(body => {
    const { method, url, headers } = message
    response.setHeader('set-cookie', ['a=1', 'b=2']).setHeader('access-control-allow-origin', '*')
    response.end(JSON.stringify({ method, url, headers, body }))
  })
}

interface Mirrored {
  method: string
  url: string
  headers: Record<string, string>
  body: string
}

test('a pod is asked by every method, with path, query, headers and body, and told who asks through which path', async () => {
  await using s = await cluster(mirror)
  const posted = await ask(s, `${s.path}/a%2Fb/?q=a%20b&c`, {
    method: 'POST',
    headers: { 'x-own': '1', 'x-remote-user': 'root', authorization: 'Basic eDp5', 'x-forwarded-for': '192.0.2.1' },
    body: 'hello',
  })
  expect(posted.status).toBe(200)
  const mirrored = JSON.parse(posted.body) as Mirrored
  expect(mirrored).toMatchObject({ method: 'POST', url: '/a%2Fb/?q=a%20b&c', body: 'hello' })
  expect(mirrored.headers).toMatchObject({
    host: `127.0.0.1:${s.port}`,
    'x-own': '1',
    'x-forwarded-uri': `${s.path}/a%2Fb/`,
    'x-forwarded-for': '192.0.2.1, 127.0.0.1',
    'content-length': '5',
  })
  expect(Object.keys(mirrored.headers)).not.toEqual(expect.arrayContaining(['authorization']))
  expect(mirrored.headers['x-remote-user']).toBeUndefined()
  expect(posted.headers['set-cookie']).toEqual(['a=1', 'b=2'])
  expect(posted.headers['access-control-allow-origin']).toBeUndefined()
  for (const method of ['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
    expect(JSON.parse((await ask(s, `${s.path}/`, { method })).body)).toMatchObject({ method, url: '/' })
  }
  expect(await ask(s, `${s.path}/x`, { method: 'HEAD' })).toMatchObject({ status: 200, body: '' })
  // The first container port counts where none is named.
  const unnamed = s.path.replace(`:${s.podPort}`, '')
  expect(JSON.parse((await ask(s, `${unnamed}/y`)).body)).toMatchObject({ url: '/y' })
  expect(await ask(s, `${s.path}?a=b`)).toMatchObject({ status: 301, headers: { location: `${s.path}/?a=b` } })
})

test('HTTP/2 clients are served the same', async () => {
  await using s = await cluster(mirror)
  const session = connectHttp2(`https://127.0.0.1:${s.port}`, adminTls(s))
  try {
    const stream = session.request({ ':method': 'POST', ':path': `${s.path}/two` })
    stream.end('body')
    expect(JSON.parse(await text(stream))).toMatchObject({ method: 'POST', url: '/two', body: 'body' })
  } finally {
    session.destroy()
  }
})

test('bodies pass as they come, both ways', async () => {
  await using s = await cluster((message, response) => message.pipe(response))
  const session = connectHttp2(`https://127.0.0.1:${s.port}`, adminTls(s))
  try {
    const stream = session.request({ ':method': 'POST', ':path': `${s.path}/echo` }).setEncoding('utf8')
    stream.write('first')
    expect(await once(stream, 'data')).toEqual(['first'])
    stream.write('second')
    expect(await once(stream, 'data')).toEqual(['second'])
    stream.end()
    await once(stream, 'end')
  } finally {
    session.destroy()
  }
})

test('a Service is reached by the name or number of its port, with or without TLS', async () => {
  await using s = await cluster(mirror)
  const services = '/api/v1/namespaces/default/services'
  for (const id of ['web:http', 'web:80', 'http:web:80', 'http:web:http']) {
    expect((await ask(s, `${services}/${id}/proxy/x`)).status).toBe(200)
  }
  const refused = async (id: string) => {
    const { status, body } = await ask(s, `${services}/${id}/proxy/x`)
    return [status, (JSON.parse(body) as { message: string }).message]
  }
  expect(await refused('web')).toEqual([503, 'no endpoints available for service "web"'])
  expect(await refused('web:81')).toEqual([503, 'no service port 81 found for service "web"'])
  expect(await refused('none:80')).toEqual([404, 'services "none" not found'])
  expect(await refused('ftp:web:80')).toEqual([400, 'invalid service request "ftp:web:80"'])
  await s.unready()
  expect(await refused('web:80')).toEqual([503, 'no endpoints available for service "web:80"'])
})

test('TLS of a pod is not verified', async () => {
  const ca = await issueAuthority('test', Date.now())
  const { certificate: cert, key } = await issueCertificate({
    subject: { commonName: 'x' },
    usage: 'server',
    names: ['x'],
    ca,
    now: Date.now(),
  })
  await using s = await cluster(mirror, createSecureServer({ cert, key }))
  const path = s.path.replace('/web:', '/https:web:')
  expect(await ask(s, `${path}/x`)).toMatchObject({ status: 200 })
})

test('what does not answer is 503 with the reason', async () => {
  await using s = await cluster(mirror)
  const free = await listen(createServer())
  for (const server of servers) if ((server.address() as AddressInfo).port === free) server.close()
  const { status, body } = await ask(s, `${s.path.replace(String(s.podPort), String(free))}/`)
  expect(status).toBe(503)
  expect(JSON.parse(body)).toMatchObject({
    reason: 'ServiceUnavailable',
    message: `error trying to reach service: dial tcp ${podIp}:${free}: connect: connection refused`,
  })
  await s.send(
    'PATCH',
    '/api/v1/namespaces/default/pods/web/status',
    { status: { podIP: '127.0.0.1', podIPs: [] } },
    merge,
  )
  expect(await ask(s, `${s.path}/`)).toMatchObject({ status: 400 })
})

test('redirects and links of pages get the path of the proxy', async () => {
  const page =
    '<a href="/x">x</a><img src=/y.png><a href="rel">r</a><a href="http://other/">o</a><!-- <a href="/c"> -->'
  await using s = await cluster((message, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8')
    if (message.url === '/moved') response.writeHead(302, { location: '/there?x=1' }).end()
    else if (message.url === '/gzip') response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(page))
    else response.writeHead(200, { 'content-length': page.length }).end(page)
  })
  const moved = await ask(s, `${s.path}/moved`)
  expect(moved).toMatchObject({ status: 302, headers: { location: `${s.path}/there?x=1` } })
  const expected = page.replace('"/x"', `"${s.path}/x"`).replace('=/y', `=${s.path}/y`)
  expect((await ask(s, `${s.path}/`)).body).toBe(expected)
  const session = connectHttp2(`https://127.0.0.1:${s.port}`, adminTls(s))
  const zipped = session.request({ ':path': `${s.path}/gzip` })
  expect(gunzipSync(await buffer(zipped)).toString()).toBe(expected)
  session.destroy()
})

test('WebSockets pass through, and so does what refuses them', async () => {
  const server = createServer()
  const sockets = new WebSocketServer({ noServer: true })
  const asked: IncomingMessage[] = []
  server.on('upgrade', (message, socket, head) => {
    asked.push(message)
    if (message.url === '/no') socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nno')
    else
      sockets.handleUpgrade(message, socket, head, ws =>
        ws.on('message', (data: Buffer) => ws.send(`echo ${data.toString()}`)),
      )
  })
  await using s = await cluster(mirror, server)
  const open = (path: string) =>
    new WebSocket(`wss://127.0.0.1:${s.port}${s.path}${path}`, ['mine', 'base64url.bearer.authorization.k8s.io.eA'], {
      ...adminTls(s),
    })
  const ws = open('/chat?room=1')
  await once(ws, 'open')
  ws.send('hello')
  expect(String((await once(ws, 'message'))[0])).toBe('echo hello')
  expect(asked[0]?.url).toBe('/chat?room=1')
  expect(asked[0]?.headers['sec-websocket-protocol']).toBe('mine')
  ws.close()
  await once(ws, 'close')
  const refused = open('/no')
  refused.on('error', () => undefined)
  const [, response] = (await once(refused, 'unexpected-response')) as [unknown, IncomingMessage]
  expect([response.statusCode, await text(response)]).toEqual([403, 'no'])
})

test("a node's kubelet tells of its pods", async () => {
  await using s = await cluster(mirror)
  await s.send('POST', '/api/v1/nodes', { metadata: { name: 'n1' } })
  expect(JSON.parse((await ask(s, '/api/v1/nodes/n1:10250/proxy/pods')).body)).toMatchObject({
    kind: 'PodList',
    items: [],
  })
  expect((await ask(s, '/api/v1/nodes/n1/proxy/none')).status).toBe(404)
  expect((await ask(s, '/api/v1/nodes/n2/proxy/pods')).status).toBe(404)
})
