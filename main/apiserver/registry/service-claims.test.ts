import { expect, test } from 'vitest'
import { startServer } from '../testing/start-server.ts'
import { createServiceClaims } from './service-claims.ts'

const services = '/api/v1/namespaces/default/services'
const merge = { headers: { 'content-type': 'application/merge-patch+json' } }
const nobody = { ips: [], ports: [] }

test('what was stored before is known, and what changes after is followed', async () => {
  await using s = await startServer()
  const spec = { clusterIP: '10.96.0.9', type: 'NodePort', ports: [{ port: 80, nodePort: 30050 }] }
  await s.send('POST', services, { metadata: { name: 'a' }, spec })
  using claims = createServiceClaims(s.store)
  const held = await claims.heldBeside(nobody)
  const now = (ip: string, port: number) => [held.ips.has(ip), held.ports.has(port)]
  expect(now('10.96.0.9', 30050)).toEqual([true, true])
  expect(now('10.96.0.8', 30051)).toEqual([false, false])

  await s.send('PATCH', `${services}/a`, { spec: { ports: [{ port: 80, nodePort: 30051 }] } }, merge)
  expect([now('10.96.0.9', 30050), now('10.96.0.9', 30051)]).toEqual([
    [true, false],
    [true, true],
  ])
  const beside = await claims.heldBeside({ ips: ['10.96.0.9'], ports: [30051] })
  expect([beside.ips.has('10.96.0.9'), beside.ports.has(30051)]).toEqual([false, false])

  // The same address by two is held until both have gone.
  const path = '/apis/networking.k8s.io/v1/ipaddresses'
  const parentRef = { resource: 'services', namespace: 'default', name: 'a' }
  await s.send('POST', path, { metadata: { name: '10.96.0.9' }, spec: { parentRef } })
  await s.send('DELETE', `${services}/a`)
  expect(now('10.96.0.9', 30051)).toEqual([true, false])
  await s.send('DELETE', `${path}/10.96.0.9`)
  expect(now('10.96.0.9', 30051)).toEqual([false, false])
})

test('what a write under way has taken is held until it is settled', async () => {
  await using s = await startServer()
  using claims = createServiceClaims(s.store)
  const held = await claims.heldBeside(nobody)
  const taken = { ips: ['10.96.0.9'], ports: [30050] }
  claims.add(taken)
  expect([held.ips.has('10.96.0.9'), held.ports.has(30050)]).toEqual([true, true])
  claims.remove(taken)
  expect([held.ips.has('10.96.0.9'), held.ports.has(30050)]).toEqual([false, false])
})
