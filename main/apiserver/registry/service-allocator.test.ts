import { expect, test } from 'vitest'
import type { Service } from '../../../shared/api/core.ts'
import { startServer } from '../testing/start-server.ts'

const services = '/api/v1/namespaces/default/services'
const serviceOf = (name: string, spec: object) => ({ metadata: { name }, spec: { ports: [{ port: 80 }], ...spec } })
const start = () => startServer()
const merge = { headers: { 'content-type': 'application/merge-patch+json' } }

test('a Service gets an address that nobody else has, and gives it back', async () => {
  // Fourteen addresses, of which `kubernetes` has the first.
  await using s = await startServer({ serviceCidr: '10.96.0.0/28' })
  const made = await Promise.all(
    Array.from({ length: 13 }, (_, i) => s.send<Service>('POST', services, serviceOf(`s${i}`, {}))),
  )
  const ips = made.map(({ spec }) => spec.clusterIP)
  expect(new Set([...ips, '10.96.0.1']).size).toBe(14)
  expect(made[0]?.spec).toMatchObject({ clusterIPs: [ips[0]], ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' })
  expect((await s.refused('POST', services, serviceOf('more', {}))).message).toContain('range is full')
  await s.send('DELETE', `${services}/s3`)
  expect((await s.send<Service>('POST', services, serviceOf('more', {}))).spec.clusterIP).toBe(ips[3])
})

test('an address that is asked for must be in the range and free', async () => {
  await using s = await start()
  const asked = (clusterIP: string) => serviceOf('b', { clusterIP })
  expect(
    (await s.send<Service>('POST', services, serviceOf('a', { clusterIP: '10.96.0.77' }))).spec.clusterIPs,
  ).toEqual(['10.96.0.77'])
  expect((await s.refused('POST', services, asked('10.96.0.77'))).message).toBe(
    'Service "b" is invalid: spec.clusterIPs: Invalid value: ["10.96.0.77"]: failed to allocate IP 10.96.0.77: provided IP is already allocated',
  )
  expect((await s.refused('POST', services, asked('10.97.0.1'))).message).toContain(
    'The range of valid IPs is 10.96.0.0/24',
  )
  const headless = await s.send<Service>('POST', services, asked('None'))
  expect(headless.spec.clusterIPs).toEqual(['None'])
})

test('what a client leaves out of an update stays', async () => {
  await using s = await start()
  const made = await s.send<Service>('POST', services, serviceOf('a', { type: 'NodePort' }))
  const { clusterIP, ports = [] } = made.spec
  expect(ports[0]?.nodePort).toBeGreaterThanOrEqual(30000)
  const put = await s.send<Service>(
    'PUT',
    `${services}/a`,
    serviceOf('a', { type: 'NodePort', selector: { app: 'x' } }),
  )
  expect(put.spec).toMatchObject({ clusterIP, ports: [{ nodePort: ports[0]?.nodePort }] })
  const inner = await s.send<Service>('PATCH', `${services}/a`, { spec: { type: 'ClusterIP' } }, merge)
  expect(inner.spec.ports?.[0]).not.toHaveProperty('nodePort')
  const external = await s.send<Service>(
    'PATCH',
    `${services}/a`,
    { spec: { type: 'ExternalName', externalName: 'example.com' } },
    merge,
  )
  expect(external.spec).not.toHaveProperty('clusterIP')
})

test('node ports: one for TCP and UDP of the same port, none twice, none out of range', async () => {
  await using s = await start()
  const both = [
    { name: 't', port: 53, protocol: 'TCP' },
    { name: 'u', port: 53, protocol: 'UDP' },
  ]
  const made = await s.send<Service>('POST', services, serviceOf('dns', { type: 'NodePort', ports: both }))
  const [tcp, udp] = made.spec.ports ?? []
  expect(tcp?.nodePort).toBe(udp?.nodePort)
  const asked = (nodePort: number) => serviceOf('b', { type: 'NodePort', ports: [{ port: 80, nodePort }] })
  expect((await s.refused('POST', services, asked(tcp?.nodePort ?? 0))).message).toContain(
    `spec.ports[0].nodePort: Invalid value: ${tcp?.nodePort ?? 0}: provided port is already allocated`,
  )
  expect((await s.refused('POST', services, asked(80))).message).toContain('The range of valid ports is 30000-30099')
})

test('a refused Service keeps nothing', async () => {
  await using s = await startServer({ serviceCidr: '10.96.0.0/28' })
  for (let i = 0; i < 20; i++) await s.refused('POST', services, serviceOf('Not A Name', {}))
  await s.send('POST', services, serviceOf('a', { clusterIP: '10.96.0.2' }), { query: { dryRun: 'All' } })
  expect((await s.send<Service>('POST', services, serviceOf('a', { clusterIP: '10.96.0.2' }))).spec.clusterIP).toBe(
    '10.96.0.2',
  )
})

test('a Service that is there already is told so, whatever it asks for', async () => {
  await using s = await start()
  const asked = serviceOf('a', { clusterIP: '10.96.0.9', type: 'NodePort', ports: [{ port: 80, nodePort: 30050 }] })
  await s.send('POST', services, asked)
  expect((await s.refused('POST', services, asked)).status.reason).toBe('AlreadyExists')
})
