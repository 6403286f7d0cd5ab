import { expect, test } from 'vitest'
import { deployments, replicaSets } from '../../../shared/api/apps.ts'
import { configMaps, events, namespaces, pods, serviceAccounts, type ConfigMap } from '../../../shared/api/core.ts'
import { deployment } from './objects.ts'
import { startControllers, type TestCluster } from './start-controllers.ts'

const web = { namespace: 'default', name: 'web' }
const at = (name: string, namespace = 'default') => ({ namespace, name })

async function configMap({ client }: TestCluster, name: string, owner?: ConfigMap, more: object = {}) {
  const { namespace = 'default' } = owner?.metadata ?? {}
  const ownerReferences = owner
    ? [{ apiVersion: 'v1', kind: 'ConfigMap', name: owner.metadata.name, uid: owner.metadata.uid, ...more }]
    : []
  return client.create(configMaps, { metadata: { name, namespace, ownerReferences } })
}

async function running(cluster: TestCluster) {
  await cluster.addNode('n1')
  await cluster.client.create(deployments, deployment('web'))
  await cluster.until(
    pods,
    lister => lister.list('default').filter(pod => pod.status?.phase === 'Running').length === 3,
  )
}

test('deleting a Deployment in the background takes its ReplicaSets and pods along', async () => {
  await using cluster = await startControllers()
  await running(cluster)
  await cluster.client.delete(deployments, web)
  await cluster.until(replicaSets, lister => lister.list('default').length === 0)
  await cluster.until(pods, lister => lister.list('default').length === 0)
})

test('in the foreground the owner goes last', async () => {
  await using cluster = await startControllers()
  const { client, informers } = cluster
  await running(cluster)
  const left: number[] = []
  using _ = informers
    .informer(deployments)
    .on({
      deleted: () =>
        left.push(
          informers.informer(pods).list('default').length,
          informers.informer(replicaSets).list('default').length,
        ),
    })
  await client.delete(deployments, web, { propagationPolicy: 'Foreground' })
  await cluster.until(deployments, lister => lister.list('default').length === 0)
  expect(left).toEqual([0, 0])
})

test('orphaned dependents stay and lose their owner', async () => {
  await using cluster = await startControllers()
  await running(cluster)
  await cluster.client.delete(deployments, web, { propagationPolicy: 'Orphan' })
  await cluster.until(deployments, lister => lister.list('default').length === 0)
  const [left] = cluster.informers.informer(replicaSets).list('default')
  expect(left?.metadata.ownerReferences ?? []).toEqual([])
  expect(cluster.informers.informer(pods).list('default')).toHaveLength(3)
})

test('one living owner is enough, and ties to absent ones are cut', async () => {
  await using cluster = await startControllers()
  const { client, until } = cluster
  const [living, dying] = [await configMap(cluster, 'living'), await configMap(cluster, 'dying')]
  const reference = ({ metadata: { name, uid } }: ConfigMap) => ({ apiVersion: 'v1', kind: 'ConfigMap', name, uid })
  await client.create(configMaps, {
    metadata: { ...at('child'), ownerReferences: [reference(living), reference(dying)] },
  })
  await client.delete(configMaps, at('dying'))
  await until(configMaps, lister => lister.get(at('child'))?.metadata.ownerReferences?.length === 1)
  await client.delete(configMaps, at('living'))
  await until(configMaps, lister => !lister.get(at('child')))
})

test('another object of the name is not the owner, nor is one of another namespace', async () => {
  await using cluster = await startControllers()
  const { client, until } = cluster
  await client.create(namespaces, { metadata: { name: 'other' } })
  const owner = await configMap(cluster, 'owner')
  const reference = { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: owner.metadata.uid }
  await client.create(configMaps, { metadata: { ...at('false'), ownerReferences: [{ ...reference, uid: 'another' }] } })
  await client.create(configMaps, { metadata: { ...at('far', 'other'), ownerReferences: [reference] } })
  await client.create(configMaps, { metadata: { ...at('true'), ownerReferences: [reference] } })
  await until(configMaps, lister => !lister.get(at('false')) && !lister.get(at('far', 'other')))
  expect(cluster.informers.informer(configMaps).get(at('true'))).toBeDefined()
})

test('warns of an owner in another namespace, once, and keeps a cluster-scoped object that names it', async () => {
  await using cluster = await startControllers()
  const { client, until, informers } = cluster
  await client.create(namespaces, { metadata: { name: 'other' } })
  const { uid } = (await configMap(cluster, 'owner')).metadata
  const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid }]
  const warned = (about: string) =>
    informers
      .informer(events)
      .list()
      .filter(each => each.reason === 'OwnerRefInvalidNamespace' && each.involvedObject.name === about)
  await client.create(configMaps, { metadata: { ...at('far', 'other'), ownerReferences } })
  await until(events, () => warned('far').length === 1)
  expect(warned('far')[0]).toMatchObject({
    type: 'Warning',
    message: `ownerRef [v1/ConfigMap, namespace: other, name: owner, uid: ${uid}] does not exist in namespace "other"`,
    metadata: { namespace: 'other' },
    source: { component: 'garbage-collector-controller' },
  })
  await until(configMaps, lister => !lister.get(at('far', 'other')))

  await client.create(namespaces, { metadata: { name: 'wide', ownerReferences } })
  await until(events, () => warned('wide').length === 1)
  const body = { metadata: { labels: { seen: 'again' } } }
  await client.patch(namespaces, at('wide', ''), { type: 'application/merge-patch+json', body })
  await until(namespaces, lister => lister.get(at('wide', ''))?.metadata.labels?.['seen'] === 'again')
  // What is reported of a later object shows that the change had its turn.
  await client.create(configMaps, { metadata: { ...at('later', 'other'), ownerReferences } })
  await until(events, () => warned('later').length === 1)
  expect(warned('wide').map(each => each.count)).toEqual([1])
  expect(informers.informer(namespaces).get(at('wide', ''))?.metadata.deletionTimestamp).toBeUndefined()
})

test('an owner of the name and uid but of another kind does not exist', async () => {
  await using cluster = await startControllers()
  const { client, until, informers } = cluster
  const { uid } = (await configMap(cluster, 'owner')).metadata
  const reference = (kind: string) => [{ apiVersion: 'v1', kind, name: 'owner', uid }]
  await client.create(configMaps, { metadata: { ...at('mistaken'), ownerReferences: reference('Secret') } })
  await client.create(configMaps, { metadata: { ...at('right'), ownerReferences: reference('ConfigMap') } })
  await until(configMaps, lister => !!lister.get(at('right')) && !lister.get(at('mistaken')))
  expect(informers.informer(configMaps).get(at('right'))).toBeDefined()
})

test('in the foreground only dependents that block are waited for', async () => {
  await using cluster = await startControllers()
  const { client, until } = cluster
  const owner = await configMap(cluster, 'owner')
  const hold = {
    type: 'application/merge-patch+json',
    body: { metadata: { finalizers: ['example.com/hold'] } },
  } as const
  const release = { ...hold, body: { metadata: { finalizers: null } } }
  await configMap(cluster, 'blocking', owner, { blockOwnerDeletion: true })
  await configMap(cluster, 'free', owner)
  for (const name of ['blocking', 'free']) await client.patch(configMaps, at(name), hold)
  await client.delete(configMaps, at('owner'), { propagationPolicy: 'Foreground' })
  await until(configMaps, lister => !!lister.get(at('blocking'))?.metadata.deletionTimestamp)
  const waiting = await client.get(configMaps, at('owner'))
  expect(waiting.metadata.finalizers).toEqual(['foregroundDeletion'])
  await client.patch(configMaps, at('blocking'), release)
  // The one that does not block is collected once the owner is gone, which does not wait for it.
  await until(configMaps, lister => !lister.get(at('owner')) && !!lister.get(at('free'))?.metadata.deletionTimestamp)
  await client.patch(configMaps, at('free'), release)
  await until(configMaps, lister => !lister.get(at('free')))
})

test('a thousand dependents go with their owner, in the background and in the foreground', async () => {
  await using cluster = await startControllers()
  const { client, until } = cluster
  for (const propagationPolicy of ['Background', 'Foreground'] as const) {
    const owner = await configMap(cluster, 'owner')
    const names = Array.from({ length: 1000 }, (_, i) => `dependent-${i}`)
    await Promise.all(names.map(name => configMap(cluster, name, owner, { blockOwnerDeletion: true })))
    await until(configMaps, lister => lister.by('owner-uid', owner.metadata.uid).length === 1000)
    await client.delete(configMaps, at('owner'), { propagationPolicy })
    await until(
      configMaps,
      lister => !lister.get(at('owner')) && lister.by('owner-uid', owner.metadata.uid).length === 0,
    )
  }
})

test('a circle of owners that block each other can be deleted in the foreground', async () => {
  await using cluster = await startControllers()
  const { client, until } = cluster
  const first = await configMap(cluster, 'first')
  const second = await configMap(cluster, 'second', first, { blockOwnerDeletion: true })
  const { uid } = second.metadata
  const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'second', uid, blockOwnerDeletion: true }]
  await client.patch(configMaps, at('first'), {
    type: 'application/merge-patch+json',
    body: { metadata: { ownerReferences } },
  })
  await client.delete(configMaps, at('first'), { propagationPolicy: 'Foreground' })
  await until(configMaps, lister => !lister.get(at('first')) && !lister.get(at('second')))
})

test('a namespace gets its account and CA, and goes with all it has', async () => {
  await using cluster = await startControllers()
  const { client, until, informers } = cluster
  await cluster.addNode('n1')
  await client.create(namespaces, { metadata: { name: 'team' } })
  await until(serviceAccounts, lister => !!lister.get(at('default', 'team')))
  await until(configMaps, lister => lister.get(at('kube-root-ca.crt', 'team'))?.data?.['ca.crt'] === 'the CA')
  await client.delete(serviceAccounts, at('default', 'team'))
  await client.delete(configMaps, at('kube-root-ca.crt', 'team'))
  await until(serviceAccounts, lister => !!lister.get(at('default', 'team')))
  await until(configMaps, lister => !!lister.get(at('kube-root-ca.crt', 'team')))

  const draft = deployment('web')
  await client.create(deployments, { ...draft, metadata: { ...draft.metadata, namespace: 'team' } })
  await until(pods, lister => lister.list('team').length === 3)
  await client.create(configMaps, { metadata: { ...at('held', 'team'), finalizers: ['example.com/hold'] } })
  await client.delete(namespaces, at('team', ''))
  await until(namespaces, lister => {
    const conditions = lister.get(at('team', ''))?.status?.conditions ?? []
    return conditions.some(
      each =>
        each.type === 'NamespaceFinalizersRemaining' &&
        each.message ===
          'Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances',
    )
  })
  expect(informers.informer(pods).list('team')).toEqual([])
  await client.patch(configMaps, at('held', 'team'), {
    type: 'application/merge-patch+json',
    body: { metadata: { finalizers: null } },
  })
  await until(namespaces, lister => !lister.get(at('team', '')))
})
