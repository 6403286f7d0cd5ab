import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { startServer } from '../testing/start-server.ts'
import { listen } from './listen.ts'

test('a client that never begins the TLS handshake is cut off', async () => {
  await using s = await startServer()
  const { serving, ca } = s.authorities
  const listener = await listen({
    host: '127.0.0.1',
    port: 0,
    tls: { certificate: serving.certificate, key: serving.key, ca: ca.certificate },
    serve: request => s.server.handle(request),
    handshakeTimeout: 20,
  })
  const silent = connect(listener.port, '127.0.0.1')
  // Being cut off may be an end or a reset.
  silent.on('error', () => undefined)
  silent.resume()
  await once(silent, 'close')
  expect(silent.bytesRead).toBe(0)
  await listener.close()
})
