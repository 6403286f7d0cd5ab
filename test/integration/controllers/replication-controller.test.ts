import { expect, test } from 'vitest'
import { pods, replicationControllers, type ReplicationController } from '../../../shared/api/core.ts'
import type { Draft } from '../../../shared/api/object.ts'
import { startControllers } from './start-controllers.ts'

const key = { namespace: 'default', name: 'web' }

const web = (replicas: number): Draft<ReplicationController> => ({
  metadata: key,
  spec: {
    replicas,
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'x' }] } },
  },
})

test('a ReplicationController keeps its replicas, up and down', async () => {
  await using cluster = await startControllers()
  const { client, until, informers } = cluster
  await cluster.addNode('n1')
  const made = await client.create(replicationControllers, web(3))
  expect(made.spec.selector).toEqual({ app: 'web' })
  await until(replicationControllers, lister => lister.get(key)?.status?.availableReplicas === 3)
  const [victim] = informers.informer(pods).list('default')
  await client.delete(pods, { namespace: 'default', name: victim?.metadata.name ?? '' })
  await until(pods, lister => {
    const uids = lister.list('default').map(pod => pod.metadata.uid)
    return uids.length === 3 && !uids.includes(victim?.metadata.uid ?? '')
  })
  const current = await client.get(replicationControllers, key)
  await client.update(replicationControllers, { ...current, spec: { ...current.spec, replicas: 1 } })
  await until(replicationControllers, lister => lister.get(key)?.status?.replicas === 1)
  expect(informers.informer(replicationControllers).get(key)?.status).not.toHaveProperty('terminatingReplicas')
})

test('its deletion leaves the pods unless the request says otherwise', async () => {
  await using cluster = await startControllers()
  const { client, until } = cluster
  await cluster.addNode('n1')
  await client.create(replicationControllers, web(2))
  await until(replicationControllers, lister => lister.get(key)?.status?.availableReplicas === 2)
  await client.delete(replicationControllers, key)
  await until(replicationControllers, lister => !lister.get(key))
  await until(pods, lister => lister.list('default').every(pod => !pod.metadata.ownerReferences?.length))
  expect((await client.list(pods, { namespace: 'default' })).items).toHaveLength(2)
})
