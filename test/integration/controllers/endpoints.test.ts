import { expect, test } from 'vitest'
import { deployments } from '../../../shared/api/apps.ts'
import { endpoints, nodes, pods, services } from '../../../shared/api/core.ts'
import { endpointSlices } from '../../../shared/api/discovery.ts'
import type { EndpointSlice } from '../../../shared/api/discovery.ts'
import type { KubeObject } from '../../../shared/api/object.ts'
import type { Lister } from '../../../shared/client/informer.ts'
import { toTime } from '../../../shared/machinery/clock.ts'
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

test('another port changes the slice in place; the slices of an earlier Service of the name are not used', async () => {
  await using cluster = await startControllers()
  const { client, until, informers } = cluster
  await cluster.addNode('n1')
  const left = await client.create(endpointSlices, {
    metadata: {
      name: 'left-over',
      namespace: 'default',
      labels: {
        'kubernetes.io/service-name': 'web',
        'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
      },
    },
    addressType: 'IPv4',
    ports: [],
    endpoints: [],
  })
  await client.create(services, { metadata: web, spec: { selector: { app: 'web' }, ports: [{ port: 80 }] } })
  await client.create(deployments, deployment('web'))
  await until(endpointSlices, lister => endpointsOf(lister).filter(each => each.conditions?.ready).length === 3)
  await until(endpointSlices, lister => slicesOf(lister).length === 1)
  const [before] = slicesOf(informers.informer(endpointSlices))
  expect(before?.metadata.uid).not.toBe(left.metadata.uid)

  const body = { spec: { ports: [{ port: 81, protocol: 'TCP' }] } }
  await client.patch(services, web, { type: 'application/merge-patch+json', body })
  await until(endpointSlices, lister => slicesOf(lister).some(slice => slice.ports?.[0]?.port === 81))
  await until(endpointSlices, lister => slicesOf(lister).length === 1)
  const [after] = slicesOf(informers.informer(endpointSlices))
  expect(after?.metadata.uid).toBe(before?.metadata.uid)
  expect(after?.endpoints).toHaveLength(3)
})

test('slices and Endpoints say when what they show has changed', async () => {
  await using cluster = await startControllers()
  const { client, until, informers } = cluster
  const lastChange = 'endpoints.kubernetes.io/last-change-trigger-time'
  const annotated = (time: string | undefined) => (each: KubeObject | undefined) =>
    each !== undefined && each.metadata.annotations?.[lastChange] === time
  await cluster.addNode('n1')
  const service = await client.create(services, {
    metadata: web,
    spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
  })
  const { creationTimestamp } = service.metadata
  await until(endpointSlices, lister => slicesOf(lister).some(annotated(creationTimestamp)))
  await until(endpoints, lister => annotated(creationTimestamp)(lister.get(web)))

  await cluster.clock.advance(20_000)
  const became = toTime(cluster.clock.now())
  await client.create(deployments, deployment('web', { replicas: 1 }))
  await until(endpointSlices, lister => endpointsOf(lister).length === 1 && slicesOf(lister).some(annotated(became)))
  await until(endpoints, lister => annotated(became)(lister.get(web)))

  // A change that no pod caused has no such time.
  const body = { metadata: { labels: { tier: 'front' } } }
  await client.patch(services, web, { type: 'application/merge-patch+json', body })
  await until(endpointSlices, lister => slicesOf(lister).some(slice => slice.metadata.labels?.['tier'] === 'front'))
  expect(slicesOf(informers.informer(endpointSlices)).every(annotated(undefined))).toBe(true)
})

test('without a selector, or with an empty one, endpoints are the business of the user', async () => {
  await using cluster = await startControllers()
  const { client, until, informers } = cluster
  await cluster.addNode('n1')
  const ports = [{ port: 80 }]
  const own = { ...web, name: 'own' }
  await client.create(services, { metadata: own, spec: { ports } })
  await client.create(services, { metadata: { ...web, name: 'empty' }, spec: { ports, selector: {} } })
  await client.create(endpoints, { metadata: own, subsets: [{ addresses: [{ ip: '10.9.9.9' }], ports }] })
  await client.create(endpointSlices, {
    metadata: { ...own, labels: { 'kubernetes.io/service-name': 'own' } },
    addressType: 'IPv4',
    endpoints: [{ addresses: ['10.9.9.9'] }],
  })
  // What is done for a later Service of the same pods shows that these had their turn.
  await client.create(services, { metadata: web, spec: { selector: { app: 'web' }, ports } })
  await client.create(deployments, deployment('web'))
  await until(endpointSlices, lister => endpointsOf(lister).filter(each => each.conditions?.ready).length === 3)
  await until(endpoints, lister => lister.get(web)?.subsets?.[0]?.addresses?.length === 3)
  const names = (list: KubeObject[]) => list.map(each => each.metadata.labels?.['kubernetes.io/service-name'])
  expect(names(informers.informer(endpointSlices).list('default')).sort()).toEqual(['kubernetes', 'own', 'own', 'web'])
  expect(informers.informer(endpoints).get(own)?.subsets?.[0]?.addresses).toEqual([{ ip: '10.9.9.9' }])
  expect(informers.informer(endpoints).get({ ...web, name: 'empty' })).toBeUndefined()
})

test('with a Service goes the Endpoints object of its name, whoever made it; one without a Service stays', async () => {
  await using cluster = await startControllers()
  const { client, until, informers } = cluster
  const ports = [{ port: 80 }]
  const subsets = [{ addresses: [{ ip: '10.9.9.9' }], ports }]
  const alone = { ...web, name: 'alone' }
  await client.create(endpoints, { metadata: alone, subsets })
  await client.create(services, { metadata: web, spec: { ports } })
  await client.create(endpoints, { metadata: web, subsets })
  await until(endpoints, lister => !!lister.get(web))
  await client.delete(services, web)
  await until(endpoints, lister => !lister.get(web))
  expect(informers.informer(endpoints).get(alone)?.subsets).toMatchObject(subsets)
})

test('an Endpoints object whose Service went while nobody looked goes at the start; a lock of old clients stays', async () => {
  const leader = { 'control-plane.alpha.kubernetes.io/leader': '{}' }
  const lock = { ...web, name: 'lock', annotations: leader }
  await using cluster = await startControllers({
    prepare: client => Promise.all([web, lock].map(metadata => client.create(endpoints, { metadata }))),
  })
  await cluster.until(endpoints, lister => lister.list('default').length === 2 && !lister.get(web))
})

test('pods of a node that is gone are not in slices, until it is back or if the Service wants every address', async () => {
  await using cluster = await startControllers()
  const { client, until } = cluster
  const ports = [{ port: 80 }]
  const everything = { selector: { app: 'web' }, ports, publishNotReadyAddresses: true }
  await cluster.addNode('n1')
  await client.create(services, { metadata: web, spec: { selector: { app: 'web' }, ports } })
  await client.create(services, { metadata: { ...web, name: 'all' }, spec: everything })
  await client.create(deployments, deployment('web'))
  await until(endpointSlices, lister => endpointsOf(lister).length === 3)
  await client.delete(nodes, { namespace: '', name: 'n1' })
  await until(endpointSlices, lister => endpointsOf(lister).length === 0)
  const all = cluster.informers
    .informer(endpointSlices)
    .list('default')
    .filter(slice => slice.metadata.labels?.['kubernetes.io/service-name'] === 'all')
  expect(all.flatMap(slice => slice.endpoints ?? [])).toHaveLength(3)
  await cluster.addNode('n1')
  await until(endpointSlices, lister => endpointsOf(lister).length === 3)
})
