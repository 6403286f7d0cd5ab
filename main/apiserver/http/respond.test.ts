import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import type { ServerRequest } from '../request.ts'
import { respond } from './respond.ts'

const request: ServerRequest = {
  method: 'GET',
  path: '/',
  query: new URLSearchParams(),
  headers: {},
  body: { value: undefined },
  signal: new AbortController().signal,
  upgrade: false,
}

test.each([
  ['in one piece', 1],
  ['in pieces', 64],
])('a client that does not read a large answer %s is cut off', async (_, count) => {
  const accepted = Promise.withResolvers<Socket>()
  const server = createServer(accepted.resolve)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
  client.on('error', () => undefined)
  const stream = await accepted.promise
  const closed = once(stream, 'close')
  const chunks = Array.from({ length: count }, () => Buffer.alloc((64 << 20) / count))
  const body = { value: () => undefined, chunks: () => chunks }
  await respond(request, { status: 200, headers: {}, body }, { stream, head() {}, patience: 20 })
  await closed
  expect(stream.writableFinished).toBe(false)
  client.destroy()
  server.close()
  await once(server, 'close')
})
