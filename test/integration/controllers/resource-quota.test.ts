import { expect, test } from 'vitest'
import { replicaSets } from '../../../shared/api/apps.ts'
import {
  configMaps,
  pods,
  resourceQuotas,
  serviceAccounts,
  type Pod,
  type ResourceQuota,
} from '../../../shared/api/core.ts'
import type { Draft } from '../../../shared/api/object.ts'
import { startControllers, type TestCluster } from './start-controllers.ts'

const key = { namespace: 'default', name: 'q' }

const limit = ({ client }: TestCluster, hard: Record<string, string>) =>
  client.create(resourceQuotas, { metadata: key, spec: { hard } })

const uses = ({ until }: TestCluster, used: Record<string, string>) =>
  until(resourceQuotas, lister => {
    const now = Object.entries(lister.get(key)?.status?.used ?? {}).sort()
    return JSON.stringify(now) === JSON.stringify(Object.entries(used).sort())
  })

const pod = (name: string): Draft<Pod> => ({
  metadata: { name, namespace: 'default' },
  spec: { containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: '1' } } }] },
})

test('what was there before counts, and what goes is free again', async () => {
  await using cluster = await startControllers()
  const { client, until } = cluster
  await until(serviceAccounts, lister => lister.get({ namespace: 'default', name: 'default' }) !== undefined)
  await client.create(pods, pod('a'))
  await limit(cluster, { cpu: '3', pods: '3', 'count/configmaps': '5' })
  // The namespace has the CA's ConfigMap.
  await uses(cluster, { cpu: '1', pods: '1', 'count/configmaps': '1' })
  await client.create(pods, pod('b'))
  await client.create(configMaps, { metadata: { name: 'c', namespace: 'default' } })
  await uses(cluster, { cpu: '2', pods: '2', 'count/configmaps': '2' })
  await client.delete(configMaps, { namespace: 'default', name: 'c' })
  await client.delete(pods, { namespace: 'default', name: 'a' }, { gracePeriodSeconds: 0 })
  await uses(cluster, { cpu: '1', pods: '1', 'count/configmaps': '1' })
})

test('a pod that has ended is charged for no longer, a changed limit is taken over', async () => {
  await using cluster = await startControllers()
  const { client, until } = cluster
  await limit(cluster, { cpu: '3', 'count/pods': '3' })
  await uses(cluster, { cpu: '0', 'count/pods': '0' })
  await until(serviceAccounts, lister => lister.get({ namespace: 'default', name: 'default' }) !== undefined)
  await client.create(pods, pod('a'))
  const ended = { type: 'application/merge-patch+json', body: { status: { phase: 'Succeeded' } } } as const
  await client.patch(pods, { namespace: 'default', name: 'a' }, { ...ended, subresource: 'status' })
  await uses(cluster, { cpu: '0', 'count/pods': '1' })
  const quota = await client.get(resourceQuotas, key)
  await client.update(resourceQuotas, { ...quota, spec: { hard: { cpu: '1', secrets: '2' } } })
  await uses(cluster, { cpu: '0', secrets: '0' })
})

test('what was charged for nothing is given back in time', async () => {
  await using cluster = await startControllers()
  const { client, clock } = cluster
  await limit(cluster, { secrets: '3' })
  await uses(cluster, { secrets: '0' })
  const quota = await client.get(resourceQuotas, key)
  const overcharged: ResourceQuota = { ...quota, status: { ...quota.status, used: { secrets: '2' } } }
  await client.update(resourceQuotas, overcharged, 'status')
  await uses(cluster, { secrets: '2' })
  await clock.advance(5 * 60_000)
  await uses(cluster, { secrets: '0' })
})

test('a ReplicaSet says that a quota holds it back, until there is room', async () => {
  await using cluster = await startControllers({ provokes: 'exceeded quota' })
  const { client, until } = cluster
  await limit(cluster, { pods: '2' })
  await uses(cluster, { pods: '0' })
  const labels = { app: 'web' }
  await client.create(replicaSets, {
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      replicas: 3,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } },
    },
  })
  const web = { namespace: 'default', name: 'web' }
  const failure = () => cluster.informers.informer(replicaSets).get(web)?.status?.conditions?.[0]
  await until(replicaSets, () => failure()?.type === 'ReplicaFailure')
  expect(failure()).toMatchObject({ status: 'True', reason: 'FailedCreate' })
  expect(failure()?.message).toContain('exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2')
  const owner = await client.get(replicaSets, web)
  await client.update(replicaSets, { ...owner, spec: { ...owner.spec, replicas: 2 } })
  await until(replicaSets, () => failure() === undefined)
})
