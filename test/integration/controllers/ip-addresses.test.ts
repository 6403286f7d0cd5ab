import { expect, test } from 'vitest'
import { services } from '../../../shared/api/core.ts'
import { ipAddresses } from '../../../shared/api/networking.ts'
import { startControllers } from './start-controllers.ts'

const ip = (name: string) => ({ namespace: '', name })
const key = { namespace: 'default', name: 's' }
const labels = {
  'ipaddress.kubernetes.io/ip-family': 'IPv4',
  'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io',
}

test("a Service's cluster IP is an IPAddress as long as the Service has it", async () => {
  await using cluster = await startControllers()
  const { client, until } = cluster
  await until(ipAddresses, lister => lister.get(ip('10.96.0.1')) !== undefined)
  const { spec } = await client.create(services, { metadata: key, spec: { ports: [{ port: 80 }] } })
  const { clusterIP = '' } = spec
  await until(ipAddresses, lister => lister.get(ip(clusterIP)) !== undefined)
  const made = await client.get(ipAddresses, ip(clusterIP))
  expect(made.spec.parentRef).toEqual({ resource: 'services', ...key })
  expect(made.metadata.labels).toEqual(labels)

  // One that is deleted by hand comes back.
  await client.delete(ipAddresses, ip(clusterIP))
  await until(ipAddresses, lister => {
    const { uid } = lister.get(ip(clusterIP))?.metadata ?? {}
    return uid !== undefined && uid !== made.metadata.uid
  })
  await client.delete(services, key)
  await until(ipAddresses, lister => lister.get(ip(clusterIP)) === undefined)
})

test('headless Services have none, and addresses that users made are left alone and not given out', async () => {
  await using cluster = await startControllers()
  const { client, until } = cluster
  const parentRef = { group: '', resource: 'services', namespace: 'default', name: 'gone' }
  await client.create(ipAddresses, { metadata: { name: '10.96.0.77' }, spec: { parentRef } })
  const asking = { clusterIP: '10.96.0.77', ports: [{ port: 80 }] }
  await expect(client.create(services, { metadata: key, spec: asking })).rejects.toMatchObject({
    message: expect.stringContaining('failed to allocate IP 10.96.0.77: provided IP is already allocated') as string,
  })
  await client.create(services, { metadata: key, spec: { clusterIP: 'None', ports: [{ port: 80 }] } })
  const after = { namespace: 'default', name: 't' }
  const { spec } = await client.create(services, { metadata: after, spec: { ports: [{ port: 80 }] } })
  await until(ipAddresses, lister => lister.get(ip(spec.clusterIP ?? '')) !== undefined)
  const all = (await client.list(ipAddresses)).items.map(({ metadata }) => metadata.name)
  expect(all.sort()).toEqual(['10.96.0.1', '10.96.0.77', spec.clusterIP].sort())
})
