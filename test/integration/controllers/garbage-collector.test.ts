import { expect, test } from 'vitest'
import { deployments, replicaSets } from '../../../shared/api/apps.ts'
import { configMaps, namespaces, pods, serviceAccounts, type ConfigMap } from '../../../shared/api/core.ts'
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
