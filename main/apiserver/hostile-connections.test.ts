import { once } from 'node:events'
import { connect as connectHttp2 } from 'node:http2'
import { connect as connectPlain } from 'node:net'
import { connect } from 'node:tls'
import { expect, test } from 'vitest'
import type { Status } from '../../shared/api/object.ts'
import { adminTls, ask, startListening } from './testing/ask.ts'
import { exchange } from './testing/exchange.ts'
import { listeningLog } from './testing/listening-log.ts'

// What no HTTP library would send. The words are our own; the codes are those of a kube-apiserver, or stricter.

const maps = '/api/v1/namespaces/default/configmaps'
const json = '{"metadata":{"name":"x"}}'
const get = (target: string, ...headers: string[]) =>
  [`GET ${target} HTTP/1.1`, 'Host: a', 'Connection: close', ...headers, '', ''].join('\r\n')
const post = (body: string, ...headers: string[]) =>
  [
    `POST ${maps}?dryRun=All HTTP/1.1`,
    'Host: a',
    'Connection: close',
    'Content-Type: application/json',
    ...headers,
    '',
    body,
  ].join('\r\n')
const chunked = (body: string) => post(body, 'Transfer-Encoding: chunked')
const many = (count: number, value: string) =>
  Array.from({ length: count }, (_, at) => `X-${at}: ${value}`).join('\r\n')

/** The code and the Status of an answer. */
function statusIn(answer: string): { code: number; status: Status } {
  const [head = '', body = ''] = answer.split('\r\n\r\n', 2)
  return { code: Number(head.split(' ')[1]), status: JSON.parse(body) as Status }
}

const malformed: [name: string, bytes: string][] = [
  ['no HTTP at all', 'hello\r\n\r\n'],
  ['zeros', '\0\0\0\0\r\n'],
  ['another version', 'GET / HTTP/9.9\r\nHost: a\r\n\r\n'],
  ['the preface of HTTP/2 where HTTP/1.1 was agreed on', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['a target that does not begin with a slash', get('version')],
  ['a target with a space', get('/ver sion')],
  ['a target with a control character', get('/ver\x01sion')],
  ['a header without a colon', get('/version', 'abc')],
  ['a header with a space in its name', get('/version', 'a b: c')],
  ['a header with a zero in its value', get('/version', 'a: b\0c')],
  ['a header that goes on in the next line', get('/version', 'a: b', ' c')],
  ['a header without a name', get('/version', ': b')],
  ['a negative length', post(json, 'Content-Length: -1')],
  ['a length that is no number', post(json, 'Content-Length: abc')],
  ['two lengths', post(json, 'Content-Length: 25', 'Content-Length: 26')],
  ['a length beyond all numbers', post(json, 'Content-Length: 99999999999999999999')],
  ['a length and chunks', post('0\r\n\r\n', 'Content-Length: 5', 'Transfer-Encoding: chunked')],
  ['an encoding that is unknown', post(json, 'Transfer-Encoding: gzip')],
  ['a chunk whose length is no number', chunked(`zz\r\n${json}\r\n`)],
  ['a chunk of negative length', chunked(`-1\r\n${json}\r\n`)],
  ['a chunk longer than all numbers', chunked(`FFFFFFFFFFFFFFFFF\r\n${json}\r\n`)],
  ['a chunk longer than it says', chunked(`5\r\n${json}\r\n0\r\n\r\n`)],
  ['a chunk with more to say of itself than data', chunked(`19;${'a'.repeat(20_000)}\r\n${json}\r\n0\r\n\r\n`)],
]

/** The client has nothing more to say after these. */
const cutOff: typeof malformed = [
  ['a body shorter than it was to be', post(json, 'Content-Length: 250')],
  ['a chunk that is cut off', chunked('19\r\nabc')],
  ['half a line', 'GET /ver'],
]

test('what is malformed is a 400, and no other request notices', async () => {
  const { errors, log } = listeningLog()
  await using s = await startListening({ log })
  const cases = [
    ...malformed.map(([name, bytes]) => ({ name, bytes, ends: false })),
    ...cutOff.map(([name, bytes]) => ({ name, bytes, ends: true })),
  ]
  for (const { name, bytes, ends } of cases) {
    const { code, status } = statusIn(await exchange(s, bytes, { ends }))
    expect({ name, code, kind: status.kind, reason: status.reason }).toEqual({
      name,
      code: 400,
      kind: 'Status',
      reason: 'BadRequest',
    })
  }
  expect((await ask(s, '/readyz')).body).toBe('ok')
  expect(errors).toEqual([])
})

test('a request without a host, or with an expectation that nobody meets, is refused', async () => {
  await using s = await startListening()
  expect(await exchange(s, 'GET /version HTTP/1.1\r\nConnection: close\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /)
  expect(await exchange(s, get('/version', 'Expect: nonsense'))).toMatch(/^HTTP\/1\.1 417 /)
})

test('a body that is encoded twice is not taken for one that is not', async () => {
  await using s = await startListening()
  const { code } = statusIn(await exchange(s, post(`19\r\n${json}\r\n0\r\n\r\n`, 'Transfer-Encoding: gzip, chunked')))
  expect(code).toBe(501)
})

test('CONNECT is no method of this server', async () => {
  await using s = await startListening()
  const { status } = statusIn(await exchange(s, 'CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n'))
  expect(status).toMatchObject({ code: 405, reason: 'MethodNotAllowed' })
})

test('a target may be a whole URL', async () => {
  await using s = await startListening()
  expect(await exchange(s, get('https://example.com/version'))).toContain('"gitVersion"')
  expect(statusIn(await exchange(s, get('https://example.com/none'))).code).toBe(404)
})

test('all headers count, and their size is limited', async () => {
  await using s = await startListening()
  const bob = 'Impersonate-User: bob'
  expect(statusIn(await exchange(s, get(maps, many(20_000, 'y'), bob))).status.message).toContain('User "bob" cannot')
  expect(await exchange(s, get('/version', `a: ${'x'.repeat(900_000)}`))).toMatch(/^HTTP\/1\.1 200 /)
  // What the server has not read yet may reset the connection before the client sees why.
  for (const large of [get('/version', `a: ${'x'.repeat(1 << 20)}`), get('/version', many(200_000, 'yyyy'))]) {
    expect((await exchange(s, large)).slice(0, 13)).toMatch(/^(HTTP\/1\.1 431 |)$/)
  }
})

test('a body is read whatever else the client would like to speak', async () => {
  await using s = await startListening()
  const upgrading = post(json, 'Upgrade: something', 'Content-Length: 25').replace('close', 'Upgrade, close')
  expect(await exchange(s, upgrading)).toMatch(/^HTTP\/1\.1 201 /)
})

test('a request is answered before what is wrong with the next one is told', async () => {
  await using s = await startListening()
  const good = 'GET /version HTTP/1.1\r\nHost: a\r\n\r\n'
  expect(await exchange(s, `${good}nonsense\r\n\r\n`)).toMatch(/^HTTP\/1\.1 200 /)
  expect(await exchange(s, `${get('/version')}trailing`)).toMatch(/^HTTP\/1\.1 200 /)
})

test('a client that does not speak TLS is cut off', async () => {
  await using s = await startListening()
  const socket = connectPlain(s.port, '127.0.0.1')
  socket.on('error', () => undefined)
  socket.write('GET /version HTTP/1.1\r\nHost: a\r\n\r\n')
  socket.resume()
  await once(socket, 'close')
})

test('over HTTP/2, too, all headers count', async () => {
  await using s = await startListening()
  const client = connectHttp2(`https://127.0.0.1:${s.port}`, {
    ...adminTls(s),
    settings: { maxHeaderListSize: 1 << 20 },
  })
  const groups = Array.from({ length: 1000 }, (_, at) => `g${at}`)
  const stream = client.request({ ':path': maps, 'impersonate-user': 'bob', 'impersonate-group': groups })
  let text = ''
  for await (const data of stream.setEncoding('utf8')) text += String(data)
  expect(JSON.parse(text)).toMatchObject({ code: 403 })
  client.close()
})

test('streams that are opened and given up at once leave nothing behind', async () => {
  await using s = await startListening()
  const client = connectHttp2(`https://127.0.0.1:${s.port}`, adminTls(s))
  client.on('error', () => undefined)
  for (let at = 0; at < 300; at++) {
    const stream = client.request({ ':path': `${maps}?watch=1` })
    stream.on('error', () => undefined)
    stream.close(8)
  }
  client.close()
  await once(client, 'close')
  expect((await ask(s, '/readyz')).body).toBe('ok')
})

test('a connection that ends in the middle of everything is only gone', async () => {
  await using s = await startListening()
  for (const bytes of ['', 'GET', get(`${maps}?watch=1`).replace('close', 'keep-alive')]) {
    const socket = connect({ host: '127.0.0.1', port: s.port, ALPNProtocols: ['http/1.1'], ...adminTls(s) })
    await once(socket, 'secureConnect')
    socket.write(bytes)
    if (bytes.includes('watch')) await once(socket, 'data')
    socket.destroy()
    await once(socket, 'close')
  }
})
