import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { connect, type AddressInfo } from 'node:net'
import { Duplex } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterEach, expect, test } from 'vitest'
import { issueAuthority, issueCertificate } from '../tls/issue.ts'
import { createEgressClient } from './client.ts'
import { dialDirectly } from './dial-directly.ts'
import type { Dial } from './dial.ts'

const servers = new Set<Server>()
afterEach(() => {
  for (const server of servers) server.close().closeAllConnections()
  servers.clear()
})

async function listen(server: Server): Promise<number> {
  server.on('request', (message, response) => response.end(`hello ${message.headers.host ?? ''}`))
  servers.add(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

/** A connection that is no socket, as one through a node's agent is. */
const tunnel: Dial = async (host, port) => {
  const socket = connect(port, host)
  await once(socket, 'connect')
  return Duplex.from({ readable: socket, writable: socket })
}

const signal = new AbortController().signal
const request = { method: 'GET', path: '/', headers: { host: 'web' }, signal }

test.each([
  ['a socket', dialDirectly],
  ['a tunnel', tunnel],
])('HTTP over %s', async (_, dial) => {
  const port = await listen(createServer())
  using client = createEgressClient(dial)
  for (let n = 0; n < 2; n++) {
    const { response } = await client.send({ ...request, to: { host: '127.0.0.1', port } })
    expect(await text(response)).toBe('hello web')
  }
})

test.each([
  ['a socket', dialDirectly],
  ['a tunnel', tunnel],
])('TLS over %s: certificates are checked, connections kept', async (_, dial) => {
  const now = Date.now()
  const ca = await issueAuthority('test', now)
  const subject = { commonName: 'web' }
  const { certificate: cert, key } = await issueCertificate({ subject, usage: 'server', names: ['web'], ca, now })
  const server = createSecureServer({ cert, key })
  const port = await listen(server)
  let connections = 0
  server.on('secureConnection', () => connections++)
  using client = createEgressClient(dial)
  const to = { host: '127.0.0.1', port }
  const trust = { servername: 'web', ca: ca.certificate, rejectUnauthorized: true }
  for (let n = 0; n < 3; n++) {
    const { response } = await client.send({ ...request, to, trust })
    expect(await text(response)).toBe('hello web')
  }
  expect(connections).toBe(1)
  const named = client.send({ ...request, to, trust: { ...trust, servername: 'other' } })
  await expect(named).rejects.toThrow('tls: failed to verify certificate: x509: ')
  const unknown = client.send({ ...request, to, trust: { servername: 'web', rejectUnauthorized: true } })
  await expect(unknown).rejects.toThrow('x509: certificate signed by unknown authority')
  // A kept connection that the other side has closed is no reason to fail.
  server.closeAllConnections()
  const { response } = await client.send({ ...request, to, trust })
  expect(await text(response)).toBe('hello web')
})

test('what goes wrong is said in words that users know', async () => {
  using client = createEgressClient(dialDirectly)
  const refused = client.send({ ...request, to: { host: '127.0.0.1', port: 1 } })
  await expect(refused).rejects.toThrow('dial tcp 127.0.0.1:1: connect: connection refused')
  const port = await listen(createServer())
  const plain = { servername: '', rejectUnauthorized: false }
  await expect(client.send({ ...request, to: { host: '127.0.0.1', port }, trust: plain })).rejects.toThrow(
    'tls: first record does not look like a TLS handshake',
  )
})
