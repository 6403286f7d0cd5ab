import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ask, startListening } from './testing/ask.ts'
import { exchange } from './testing/exchange.ts'
import { listeningLog } from './testing/listening-log.ts'

// Whatever bytes come over TLS instead of HTTP/1.1, they are answered or the connection ends, and the server stays well.

const maps = '/api/v1/namespaces/default/configmaps'
const json = '{"metadata":{"name":"x"}}'
const message = (line: string, headers: readonly string[], body = '') =>
  [`${line} HTTP/1.1`, 'Host: a', ...headers, '', body].join('\r\n')
const post = `POST ${maps}?dryRun=All`
const seeds = [
  message(`GET ${maps}?limit=1`, ['Accept: application/json;as=Table;g=meta.k8s.io;v=v1']),
  message(post, ['Content-Type: application/json', 'Content-Length: 25'], json),
  message(
    post,
    ['Transfer-Encoding: chunked', 'Trailer: X-A'],
    `5\r\n${json.slice(0, 5)}\r\n14;a=b\r\n${json.slice(5)}\r\n0\r\nX-A: b\r\n\r\n`,
  ),
  message(`GET ${maps}?watch=1&timeoutSeconds=1`, ['Impersonate-User: bob', 'Impersonate-Extra-a: b']),
  message(`GET ${maps}?watch=1`, [
    'Origin: http://a',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version: 13',
  ]),
  message('POST /api/v1/namespaces/default/pods/p/exec?command=a&stdout=1', [
    'Connection: Upgrade',
    'Upgrade: SPDY/3.1',
    'X-Stream-Protocol-Version: v4.channel.k8s.io',
  ]),
]
/** What stands for something in a head. */
const signs = ['\r\n', '\n', '\r\n\r\n', ' ', ':', '\0', '%', '/', '?', '#', '..', '\xff', '99999999999999999999', '-1']
const change = fc.record({
  at: fc.nat(),
  cut: fc.nat(6),
  put: fc.oneof(fc.constantFrom(...signs), fc.constantFrom(...seeds), fc.string({ unit: 'binary', maxLength: 8 })),
})

test('no bytes of a connection make the server fail', { timeout: 60_000 }, async () => {
  const { errors, log } = listeningLog()
  await using s = await startListening({ log })
  const seed = fc.constantFrom(...seeds)
  const property = fc.asyncProperty(seed, fc.array(change, { maxLength: 4 }), async (text, changes) => {
    const bytes = changes.reduce((given, { at, cut, put }) => {
      const place = at % (given.length + 1)
      return given.slice(0, place) + put + given.slice(place + cut)
    }, text)
    const answer = await exchange(s, Buffer.from(bytes, 'latin1'), { ends: true })
    expect(answer).toMatch(/^(HTTP\/1\.1 (?!50[023])\d{3} |$)/)
    expect(errors).toEqual([])
  })
  await fc.assert(property, { numRuns: 400, seed: 1 })
  expect((await ask(s, '/readyz')).body).toBe('ok')
})
