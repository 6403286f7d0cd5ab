import { expect, test } from 'vitest'
import { endpoints, events, services } from '../../../shared/api/core.ts'
import { endpointSlices, type EndpointSlice } from '../../../shared/api/discovery.ts'
import type { Lister } from '../../../shared/client/informer.ts'
import { startControllers, type TestCluster } from './start-controllers.ts'

const database = { namespace: 'default', name: 'database' }
const merge = 'application/merge-patch+json' as const
const ports = [{ name: 'sql', port: 9376, protocol: 'TCP' }]
const at = (...ips: string[]) => ips.map(ip => ({ ip }))

const slicesOf = (lister: Lister<EndpointSlice>) =>
  lister.list('default').filter(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === 'database')
const addressesOf = (lister: Lister<EndpointSlice>) =>
  slicesOf(lister).flatMap(({ endpoints: all = [] }) => all.flatMap(({ addresses }) => addresses))
const untilAddresses = ({ until }: TestCluster, ...wanted: string[]) =>
  until(endpointSlices, lister => addressesOf(lister).sort().join() === wanted.join())

/** The documentation's Service without selectors, and its Endpoints object. */
async function withDatabase() {
  const cluster = await startControllers()
  const { client } = cluster
  await client.create(services, { metadata: database, spec: { ports: [{ name: 'sql', port: 80, targetPort: 9376 }] } })
  const annotations = { team: 'data', 'endpoints.kubernetes.io/last-change-trigger-time': '2026-01-01T00:00:00Z' }
  const made = await client.create(endpoints, {
    metadata: { ...database, labels: { tier: 'db' }, annotations },
    subsets: [{ addresses: at('192.0.2.42'), notReadyAddresses: at('192.0.2.43', '2001:db8::1'), ports }],
  })
  await untilAddresses(cluster, '192.0.2.42', '192.0.2.43', '2001:db8::1')
  return { cluster, made }
}

test("a Service without selector has the slices that its user's Endpoints ask for, one per family and set of ports", async () => {
  const { cluster, made } = await withDatabase()
  await using _ = cluster
  const { client, informers } = cluster
  const [v4, v6] = slicesOf(informers.informer(endpointSlices)).sort((a, b) => (a.addressType < b.addressType ? -1 : 1))
  expect(v4).toMatchObject({
    addressType: 'IPv4',
    ports,
    endpoints: [
      { addresses: ['192.0.2.42'], conditions: { ready: true } },
      { addresses: ['192.0.2.43'], conditions: { ready: false } },
    ],
    metadata: {
      generateName: 'database-',
      labels: {
        tier: 'db',
        'kubernetes.io/service-name': 'database',
        'endpointslice.kubernetes.io/managed-by': 'endpointslicemirroring-controller.k8s.io',
      },
      annotations: { team: 'data' },
      ownerReferences: [{ kind: 'Endpoints', uid: made.metadata.uid, controller: true }],
    },
  })
  expect(v4?.metadata.annotations).toEqual({ team: 'data' })
  expect(v6).toMatchObject({ addressType: 'IPv6', endpoints: [{ addresses: ['2001:db8::1'] }] })

  const moved = [{ addresses: at('192.0.2.50'), ports: [{ ...ports[0], port: 9377 }] }]
  await client.patch(endpoints, database, { type: merge, body: { subsets: moved } })
  await untilAddresses(cluster, '192.0.2.50')
  const [slice] = slicesOf(informers.informer(endpointSlices))
  expect(slice).toMatchObject({ metadata: { name: v4?.metadata.name }, ports: [{ port: 9377 }] })
})

test('a slice that someone changes or deletes is put right', async () => {
  const { cluster } = await withDatabase()
  await using _ = cluster
  const { client, informers } = cluster
  const [slice] = slicesOf(informers.informer(endpointSlices))
  const key = { namespace: 'default', name: slice?.metadata.name ?? '' }
  await client.patch(endpointSlices, key, { type: merge, body: { endpoints: [] } })
  await untilAddresses(cluster, '192.0.2.42', '192.0.2.43', '2001:db8::1')
  await client.delete(endpointSlices, key)
  await cluster.until(endpointSlices, lister => !lister.get(key) && addressesOf(lister).length === 3)
})

test('slices go with the Endpoints, with the Service, and once the Service has a selector or mirroring is refused', async () => {
  const { cluster } = await withDatabase()
  await using _ = cluster
  const { client } = cluster
  const label = (value: string | null) => ({
    type: merge,
    body: { metadata: { labels: { 'endpointslice.kubernetes.io/skip-mirror': value } } },
  })
  await client.patch(endpoints, database, label('true'))
  await untilAddresses(cluster)
  await client.patch(endpoints, database, label(null))
  await untilAddresses(cluster, '192.0.2.42', '192.0.2.43', '2001:db8::1')
  const { subsets = [] } = await client.get(endpoints, database)
  await client.delete(endpoints, database)
  await untilAddresses(cluster)
  await client.create(endpoints, { metadata: database, subsets })
  await untilAddresses(cluster, '192.0.2.42', '192.0.2.43', '2001:db8::1')
  await client.patch(services, database, { type: merge, body: { spec: { selector: { app: 'db' } } } })
  // From now on the slices are those of the selected pods: none.
  await cluster.until(endpointSlices, lister => {
    const managers = slicesOf(lister).map(each => each.metadata.labels?.['endpointslice.kubernetes.io/managed-by'])
    return managers.join() === 'endpointslice-controller.k8s.io'
  })
})

test('of a subset at most a thousand addresses are mirrored, and an event tells of the others', async () => {
  await using cluster = await startControllers()
  const { client, until } = cluster
  const all = Array.from({ length: 1002 }, (_, i) => ({ ip: `10.9.${i >> 8}.${i & 255}` }))
  await client.create(endpoints, { metadata: database, subsets: [{ addresses: all, ports }] })
  await client.create(services, { metadata: database, spec: { ports } })
  await until(endpointSlices, lister => addressesOf(lister).length === 1000)
  const message =
    'A max of 1000 addresses can be mirrored to EndpointSlices per Endpoints subset. 2 addresses were skipped'
  await until(events, lister =>
    lister
      .list('default')
      .some(
        event =>
          event.reason === 'TooManyAddressesToMirror' &&
          event.message === message &&
          event.involvedObject.kind === 'Endpoints',
      ),
  )
})
