import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { createHttp1 } from './http1.ts'

test('a client that never finishes its request is told so and cut off; one that waits for its answer is not', async () => {
  const answer = Promise.withResolvers<undefined>()
  const http1 = createHttp1({
    serve: async () => {
      await answer.promise
      return { status: 200, headers: {}, body: { value: () => '', chunks: () => [Buffer.from('done')] } }
    },
    peer: () => ({}),
    timeouts: { headersTimeout: 20, requestTimeout: 20, connectionsCheckingInterval: 10 },
  })
  const server = createServer(socket => void http1.emit('connection', socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const patient = connect(port, '127.0.0.1').setEncoding('utf8')
  patient.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  const slow = connect(port, '127.0.0.1').setEncoding('utf8')
  slow.write('GET / HTTP/1.1\r\nHost:')
  expect(await all(slow)).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/)
  answer.resolve(undefined)
  const [text] = (await once(patient, 'data')) as [string]
  expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
  patient.destroy()
  await once(patient, 'close')
  http1.close()
  server.close()
  await once(server, 'close')
})

async function all(socket: Socket): Promise<string> {
  let text = ''
  for await (const chunk of socket) text += String(chunk)
  return text
}
