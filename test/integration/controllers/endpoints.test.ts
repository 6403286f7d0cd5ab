import { expect, test } from 'vitest'
import { deployments } from '../../../shared/api/apps.ts'
import { endpoints, pods, services } from '../../../shared/api/core.ts'
import { endpointSlices } from '../../../shared/api/discovery.ts'
import type { EndpointSlice } from '../../../shared/api/discovery.ts'
import type { Lister } from '../../../shared/client/informer.ts'
import { deployment } from './objects.ts'
import { startControllers } from './start-controllers.ts'

const web = { namespace: 'default', name: 'web' }
const slicesOf = (lister: Lister<EndpointSlice>) =>
  lister.list('default').filter(slice => slice.metadata.labels?.['kubernetes.io/service-name'] === 'web')
const endpointsOf = (lister: Lister<EndpointSlice>) => slicesOf(lister).flatMap(slice => slice.endpoints ?? [])

test('follows the pods of a Service with its named port', async () => {
  await using cluster = await startControllers()
  const { client, until, informers } = cluster
  await cluster.addNode('n1')
  const service = await client.create(services, {
    metadata: { ...web, labels: { tier: 'front' } },
    spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
  })
  await until(endpointSlices, lister => slicesOf(lister).length === 1 && endpointsOf(lister).length === 0)
  await client.create(deployments, deployment('web'))
  await until(endpointSlices, lister => endpointsOf(lister).filter(each => each.conditions?.ready).length === 3)

  const [slice] = slicesOf(informers.informer(endpointSlices))
  expect(slice).toMatchObject({
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    metadata: {
      labels: {
        tier: 'front',
        'kubernetes.io/service-name': 'web',
        'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
      },
      ownerReferences: [{ kind: 'Service', name: 'web', uid: service.metadata.uid, controller: true }],
    },
  })
  expect(slice?.endpoints?.[0]).toMatchObject({ nodeName: 'n1', targetRef: { kind: 'Pod', namespace: 'default' } })
  await until(endpoints, lister => lister.get(web)?.subsets?.[0]?.addresses?.length === 3)
  expect(informers.informer(endpoints).get(web)).toMatchObject({
    metadata: { labels: { 'endpoints.kubernetes.io/managed-by': 'endpoint-controller', tier: 'front' } },
    subsets: [{ ports: [{ name: 'http', port: 8080, protocol: 'TCP' }] }],
  })

  await client.delete(services, web)
  await until(endpoints, lister => !lister.get(web))
  await until(endpointSlices, lister => slicesOf(lister).length === 0)
})

test('a pod on its way out serves still, but is not ready; one that is not ready is so in both', async () => {
  await using cluster = await startControllers({ startsPods: false })
  const { client, until } = cluster
  await cluster.addNode('n1')
  await client.create(services, { metadata: web, spec: { selector: { app: 'web' }, ports: [{ port: 80 }] } })
  for (const [name, ready] of [
    ['going', 'True'],
    ['slow', 'False'],
  ] as const) {
    const key = { namespace: 'default', name }
    await client.create(pods, {
      metadata: { ...key, labels: { app: 'web' } },
      spec: { nodeName: 'n1', containers: [{ name: 'c', image: 'x' }] },
    })
    const status = { phase: 'Running', podIP: `10.0.0.${name.length}`, conditions: [{ type: 'Ready', status: ready }] }
    await client.patch(pods, key, { type: 'application/merge-patch+json', subresource: 'status', body: { status } })
  }
  await client.delete(pods, { namespace: 'default', name: 'going' })
  const conditionsOf = (lister: Lister<EndpointSlice>, name: string) =>
    endpointsOf(lister).find(each => each.targetRef?.name === name)?.conditions
  await until(
    endpointSlices,
    lister => conditionsOf(lister, 'going')?.terminating === true && !!conditionsOf(lister, 'slow'),
  )
  expect(conditionsOf(cluster.informers.informer(endpointSlices), 'going')).toEqual({
    ready: false,
    serving: true,
    terminating: true,
  })
  expect(conditionsOf(cluster.informers.informer(endpointSlices), 'slow')).toEqual({
    ready: false,
    serving: false,
    terminating: false,
  })
  await until(endpoints, lister => lister.get(web)?.subsets?.[0]?.notReadyAddresses?.length === 1)
  expect(cluster.informers.informer(endpoints).get(web)?.subsets?.[0]?.addresses).toBeUndefined()
})
