import { expect, test } from 'vitest'
import { deployments } from '../../../shared/api/apps.ts'
import { events, nodes, pods, type Node } from '../../../shared/api/core.ts'
import type { Lister } from '../../../shared/client/informer.ts'
import { deployment } from './objects.ts'
import { podUids, startControllers, type TestCluster } from './start-controllers.ts'

const ready = (lister: Lister<Node>, name: string) =>
  lister.get({ namespace: '', name })?.status?.conditions?.find(condition => condition.type === 'Ready')
const taints = (lister: Lister<Node>, name: string) =>
  (lister.get({ namespace: '', name })?.spec?.taints ?? []).map(taint => `${taint.key}:${taint.effect}`)

/** Time goes by while these nodes are alive. */
async function pass(cluster: TestCluster, seconds: number, alive: string[]) {
  for (let left = seconds; left > 0; left -= 10) {
    await cluster.clock.advance(10_000)
    for (const name of alive) await cluster.renew(name)
  }
}

async function withTwoNodes() {
  const cluster = await startControllers()
  await cluster.addNode('up')
  await cluster.addNode('down')
  await cluster.client.create(deployments, deployment('web', { replicas: 4 }))
  await cluster.until(
    pods,
    lister => lister.list('default').filter(pod => pod.status?.phase === 'Running').length === 4,
  )
  return cluster
}

test('a silent node becomes Unknown and unreachable, and its pods move after five minutes', async () => {
  await using cluster = await withTwoNodes()
  const { until, informers } = cluster
  const before = informers
    .informer(pods)
    .list('default')
    .filter(pod => pod.spec.nodeName === 'down')
  expect(before.length).toBeGreaterThan(0)
  await pass(cluster, 50, ['up'])
  await until(nodes, lister => ready(lister, 'down')?.status === 'Unknown')
  expect(ready(informers.informer(nodes), 'down')).toMatchObject({
    reason: 'NodeStatusUnknown',
    message: 'Kubelet stopped posting node status.',
  })
  expect(ready(informers.informer(nodes), 'up')?.status).toBe('True')
  await until(nodes, lister => taints(lister, 'down').length === 2)
  expect(taints(informers.informer(nodes), 'down')).toEqual([
    'node.kubernetes.io/unreachable:NoSchedule',
    'node.kubernetes.io/unreachable:NoExecute',
  ])
  await until(pods, lister =>
    lister
      .list('default')
      .filter(pod => pod.spec.nodeName === 'down')
      .every(pod => pod.status?.conditions?.some(c => c.type === 'Ready' && c.status === 'False')),
  )
  await pass(cluster, 270, ['up'])
  expect(
    informers
      .informer(pods)
      .list('default')
      .filter(pod => pod.spec.nodeName === 'down').length,
  ).toBe(before.length)
  await pass(cluster, 60, ['up'])
  await until(pods, lister => {
    const all = lister.list('default')
    return all.length === 4 && all.every(pod => pod.spec.nodeName === 'up' && pod.status?.phase === 'Running')
  })
})

test('a machine that slept evicts nothing when it wakes up', async () => {
  await using cluster = await withTwoNodes()
  const { until, informers, clock } = cluster
  const before = podUids(cluster)
  const notReady: string[] = []
  using _ = informers.informer(nodes).on({
    updated: ({ metadata }) => {
      if (ready(informers.informer(nodes), metadata.name)?.status !== 'True') notReady.push(metadata.name)
    },
  })
  await clock.jump(8 * 3_600_000)
  await pass(cluster, 120, ['up', 'down'])
  expect(ready(informers.informer(nodes), 'down')?.status).toBe('True')
  expect(ready(informers.informer(nodes), 'up')?.status).toBe('True')
  expect(podUids(cluster)).toEqual(before)
  expect(notReady).toEqual([])
  // It still notices a node that does not come back.
  await pass(cluster, 60, ['up'])
  await until(nodes, lister => ready(lister, 'down')?.status === 'Unknown')
})

test('while no node is ready nothing is evicted', async () => {
  await using cluster = await withTwoNodes()
  const { until, informers } = cluster
  await pass(cluster, 60, [])
  await until(nodes, lister => ready(lister, 'up')?.status === 'Unknown' && ready(lister, 'down')?.status === 'Unknown')
  await pass(cluster, 600, [])
  await until(nodes, lister =>
    [...taints(lister, 'up'), ...taints(lister, 'down')].every(taint => taint.endsWith(':NoSchedule')),
  )
  expect(
    informers
      .informer(pods)
      .list('default')
      .filter(pod => !pod.metadata.deletionTimestamp),
  ).toHaveLength(4)
})

test('pods of a deleted node are gone after its quarantine', async () => {
  await using cluster = await withTwoNodes()
  const { client, until } = cluster
  await client.delete(nodes, { namespace: '', name: 'down' })
  await until(nodes, lister => lister.list().length === 1)
  await pass(cluster, 60, ['up'])
  await until(pods, lister => {
    const all = lister.list('default')
    return all.length === 4 && all.every(pod => pod.spec.nodeName === 'up')
  })
})

test('events tell of nodes that come and go, and of pods that are spared after all', async () => {
  await using cluster = await withTwoNodes()
  const { client, until } = cluster
  const told = (name: string, message: string) =>
    until(events, lister =>
      lister.list('default').some(event => event.message === message && event.involvedObject.name === name),
    )
  await told('up', 'Node up event: Registered Node up in Controller')
  await pass(cluster, 60, ['up'])
  await until(nodes, lister => taints(lister, 'down').length === 2)
  await cluster.renew('down')
  const { status, ...node } = await client.get(nodes, { namespace: '', name: 'down' })
  const conditions = (status?.conditions ?? []).map(each =>
    each.type === 'Ready' ? { ...each, status: 'True' } : each,
  )
  await client.update(nodes, { ...node, status: { ...status, conditions } }, 'status')
  const spared = cluster.informers
    .informer(pods)
    .list('default')
    .filter(pod => pod.spec.nodeName === 'down')
  expect(spared.length).toBeGreaterThan(0)
  for (const { metadata } of spared) await told(metadata.name, `Cancelling deletion of Pod default/${metadata.name}`)
  await client.delete(nodes, { namespace: '', name: 'down' })
  await told('down', 'Node down event: Removing Node down from Controller')
})
