import { expect, test } from 'vitest'
import { terminatedPodCollector } from '../../../main/controllers/node/terminated-pods.ts'
import { nodes, pods, serviceAccounts, type Pod } from '../../../shared/api/core.ts'
import type { Draft } from '../../../shared/api/object.ts'
import { runController } from '../../../shared/client/run-controller.ts'
import { silent } from '../../../shared/machinery/log.ts'
import { startControllers, type TestCluster } from './start-controllers.ts'

const merge = 'application/merge-patch+json'
const keyOf = (name: string) => ({ namespace: 'default', name })
const pod = (name: string, more: { nodeName?: string; finalizers?: string[] } = {}): Draft<Pod> => ({
  metadata: { ...keyOf(name), ...(more.finalizers && { finalizers: more.finalizers }) },
  spec: { ...(more.nodeName && { nodeName: more.nodeName }), containers: [{ name: 'main', image: 'web:1' }] },
})
/** A cluster in whose namespace `default` pods may be made at once. */
async function start(options: Parameters<typeof startControllers>[0] = {}) {
  const cluster = await startControllers(options)
  await cluster.until(serviceAccounts, lister => lister.get(keyOf('default')) !== undefined)
  return cluster
}

const report = ({ client }: TestCluster, name: string, status: Pod['status']) =>
  client.patch(pods, keyOf(name), { type: merge, body: { status }, subresource: 'status' })
const names = ({ informers }: TestCluster) =>
  informers
    .informer(pods)
    .list('default')
    .map(({ metadata }) => metadata.name)
    .sort()

test('of pods that have ended only so many stay: evicted ones go first, then the oldest', async () => {
  await using cluster = await start({ startsPods: false })
  const { client, informers, clock, until } = cluster
  await using _ = runController(terminatedPodCollector({ threshold: 2 }), {
    client,
    informers,
    clock,
    random: Math.random,
    log: silent,
  })
  for (const name of ['a', 'b', 'c', 'd', 'runs']) await client.create(pods, pod(name))
  await report(cluster, 'runs', { phase: 'Running' })
  for (const name of ['a', 'b']) await report(cluster, name, { phase: 'Succeeded' })
  await report(cluster, 'd', { phase: 'Failed', reason: 'Evicted' })
  await until(pods, lister => !lister.get(keyOf('d')))
  await report(cluster, 'c', { phase: 'Failed' })
  await until(pods, lister => !lister.get(keyOf('a')))
  expect(names(cluster)).toEqual(['b', 'c', 'runs'])
})

test('a pod that is deleted before it has a node goes at once', async () => {
  await using cluster = await start()
  const { client, until } = cluster
  await client.create(pods, pod('waits', { finalizers: ['example.com/held'] }))
  await client.delete(pods, keyOf('waits'))
  await until(pods, lister => lister.get(keyOf('waits'))?.status?.phase === 'Failed')
  await client.patch(pods, keyOf('waits'), { type: merge, body: { metadata: { finalizers: null } } })
  await until(pods, lister => !lister.get(keyOf('waits')))
})

test('deleted pods of a node that someone declares out of service go by force', async () => {
  await using cluster = await start({ startsPods: false })
  const { client, until } = cluster
  await cluster.addNode('n1')
  for (const name of ['deleted', 'stays']) {
    const { metadata, spec } = pod(name, { nodeName: 'n1' })
    await client.create(pods, { metadata, spec: { ...spec, tolerations: [{ operator: 'Exists' }] } })
    await report(cluster, name, { phase: 'Running' })
  }
  await client.delete(pods, keyOf('deleted'))
  await until(pods, lister => lister.get(keyOf('deleted'))?.metadata.deletionTimestamp !== undefined)
  await cluster.clock.advance(60_000) // its Lease is not renewed
  await until(nodes, lister =>
    (lister.get({ namespace: '', name: 'n1' })?.status?.conditions ?? []).some(({ status }) => status === 'Unknown'),
  )
  expect(names(cluster)).toEqual(['deleted', 'stays'])
  const { spec } = await client.get(nodes, { namespace: '', name: 'n1' })
  const taints = [
    ...(spec?.taints ?? []),
    { key: 'node.kubernetes.io/out-of-service', effect: 'NoExecute', value: 'x' },
  ]
  await client.patch(nodes, { namespace: '', name: 'n1' }, { type: merge, body: { spec: { taints } } })
  await until(pods, lister => !lister.get(keyOf('deleted')))
  expect(names(cluster)).toEqual(['stays'])
})

test('a pod of a node that never was fails and goes after the quarantine, and says why', async () => {
  await using cluster = await start({ startsPods: false })
  const { client, until, clock } = cluster
  await client.create(pods, pod('lost', { nodeName: 'ghost', finalizers: ['example.com/held'] }))
  await report(cluster, 'lost', { phase: 'Running' })
  await until(pods, lister => lister.get(keyOf('lost'))?.status?.phase === 'Running')
  await clock.advance(39_000)
  expect(cluster.informers.informer(pods).get(keyOf('lost'))?.metadata.deletionTimestamp).toBeUndefined()
  await clock.advance(2000)
  await until(pods, lister => lister.get(keyOf('lost'))?.metadata.deletionTimestamp !== undefined)
  expect(cluster.informers.informer(pods).get(keyOf('lost'))?.status).toMatchObject({
    phase: 'Failed',
    conditions: expect.arrayContaining([
      expect.objectContaining({
        type: 'DisruptionTarget',
        reason: 'DeletionByPodGC',
        message: 'PodGC: node no longer exists',
      }),
    ]) as unknown,
  })
})
