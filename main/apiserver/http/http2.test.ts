import { once } from 'node:events'
import { connect, type ClientHttp2Stream } from 'node:http2'
import { createServer, type AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { serveHttp2 } from './http2.ts'

test('a connection without streams is closed in the end; one whose stream is quiet is not', async () => {
  const answer = Promise.withResolvers<undefined>()
  const arrived = Promise.withResolvers<undefined>()
  const server = createServer(socket =>
    serveHttp2(socket, {
      peer: {},
      idleTimeout: 20,
      serve: async ({ path }) => {
        if (path === '/quiet') {
          arrived.resolve(undefined)
          await answer.promise
        }
        return { status: 200, headers: {}, body: { value: () => '', chunks: () => [Buffer.from('done')] } }
      },
    }),
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const busy = connect(url)
  const quiet = busy.request({ ':path': '/quiet' })
  await arrived.promise
  // The second one is idle for as long as the first is quiet, and later.
  const idle = connect(url)
  const closed = once(idle, 'close')
  expect(await text(idle.request({ ':path': '/' }))).toBe('done')
  await closed
  expect([busy.closed, busy.destroyed]).toEqual([false, false])
  answer.resolve(undefined)
  expect(await text(quiet)).toBe('done')
  busy.destroy()
  server.close()
  await once(server, 'close')
})

async function text(stream: ClientHttp2Stream): Promise<string> {
  let all = ''
  for await (const chunk of stream) all += String(chunk)
  return all
}
