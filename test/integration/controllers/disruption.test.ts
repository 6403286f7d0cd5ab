import { expect, test } from 'vitest'
import { deployments } from '../../../shared/api/apps.ts'
import { configMaps, events, pods, serviceAccounts, type Pod } from '../../../shared/api/core.ts'
import { podDisruptionBudgets, type PodDisruptionBudget } from '../../../shared/api/policy.ts'
import { keyOf } from '../../../shared/client/key.ts'
import { StatusError } from '../../../shared/machinery/status.ts'
import { deployment } from './objects.ts'
import { startControllers, type TestCluster } from './start-controllers.ts'

const budgetKey = { namespace: 'default', name: 'zk-pdb' }
const merge = 'application/merge-patch+json'

const createBudget = ({ client }: TestCluster, spec: Partial<PodDisruptionBudget['spec']>, name = 'zk-pdb') =>
  client.create(podDisruptionBudgets, {
    metadata: { ...budgetKey, name },
    spec: { selector: { matchLabels: { app: 'zookeeper' } }, ...spec },
  })

const untilBudget = ({ until }: TestCluster, expected: Partial<NonNullable<PodDisruptionBudget['status']>>) =>
  until(podDisruptionBudgets, lister => {
    const budget = lister.get(budgetKey)
    const status = budget?.status as Record<string, unknown> | undefined
    return (
      budget?.metadata.generation === status?.['observedGeneration'] &&
      Object.entries(expected).every(([field, value]) => status?.[field] === value)
    )
  })

const allowed = ({ informers }: TestCluster) =>
  informers
    .informer(podDisruptionBudgets)
    .get(budgetKey)
    ?.status?.conditions?.find(({ type }) => type === 'DisruptionAllowed')

const evict = ({ client }: TestCluster, pod: Pod, more: object = {}) =>
  client.createSubresource<unknown>(pods, keyOf(pod), 'eviction', {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: keyOf(pod),
    ...more,
  })

async function refusalOf(call: Promise<unknown>): Promise<StatusError> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof StatusError)) throw new Error('was not refused', { cause: error })
  return error
}

const podsOf = ({ informers }: TestCluster) => informers.informer(pods).list('default')

/** Three ready pods of a Deployment; with the image `never-ready`, three that are not. */
async function withZookeeper(image = 'zookeeper:1') {
  const cluster = await startControllers()
  await cluster.addNode('n1')
  await cluster.client.create(deployments, deployment('zookeeper', { image }))
  await cluster.until(pods, lister => lister.list('default').filter(({ status }) => status?.podIP).length === 3)
  return cluster
}

test('a budget tells how many pods may go, and an eviction beyond that is refused', async () => {
  await using cluster = await withZookeeper()
  await createBudget(cluster, { maxUnavailable: 1 })
  await untilBudget(cluster, { disruptionsAllowed: 1, currentHealthy: 3, desiredHealthy: 2, expectedPods: 3 })
  expect(allowed(cluster)).toMatchObject({ status: 'True', reason: 'SufficientPods', message: '' })

  const [first, second] = podsOf(cluster)
  // Its successor never gets ready, so that the budget stays spent.
  const containers = [{ name: 'main', image: 'never-ready' }]
  await cluster.client.patch(
    deployments,
    { namespace: 'default', name: 'zookeeper' },
    { type: merge, body: { spec: { paused: true, template: { spec: { containers } } } } },
  )
  await cluster.client.patch(pods, keyOf(second!), {
    type: merge,
    body: { status: { conditions: [{ type: 'Ready', status: 'False' }] } },
    subresource: 'status',
  })
  await untilBudget(cluster, { disruptionsAllowed: 0, currentHealthy: 2 })
  const refusal = await refusalOf(evict(cluster, first!))
  expect(refusal.status).toMatchObject({
    code: 429,
    reason: 'TooManyRequests',
    message: "Cannot evict pod as it would violate the pod's disruption budget.",
    details: {
      causes: [
        {
          reason: 'DisruptionBudget',
          message: 'The disruption budget zk-pdb needs 2 healthy pods and has 2 currently',
        },
      ],
    },
  })
  expect(allowed(cluster)).toMatchObject({ status: 'False', reason: 'InsufficientPods' })
  // The one that is not ready disrupts nobody.
  await evict(cluster, second!)
})

test('an eviction says in the pod why it goes, and spends the budget at once', async () => {
  await using cluster = await withZookeeper()
  await createBudget(cluster, { minAvailable: 2 })
  await untilBudget(cluster, { disruptionsAllowed: 1, expectedPods: 3 })
  const [first] = podsOf(cluster)
  const seen: Pod[] = []
  using _ = cluster.informers.informer(pods).on({ updated: pod => seen.push(pod) })
  const budgets: number[] = []
  using __ = cluster.informers
    .informer(podDisruptionBudgets)
    .on({ updated: ({ status }) => budgets.push(Object.keys(status?.disruptedPods ?? {}).length) })
  await evict(cluster, first!)
  await cluster.until(pods, lister => lister.get(keyOf(first!)) === undefined)
  const going = seen.find(pod => pod.metadata.uid === first!.metadata.uid && pod.metadata.deletionTimestamp)
  expect(going?.status?.conditions?.find(({ type }) => type === 'DisruptionTarget')).toMatchObject({
    status: 'True',
    reason: 'EvictionByEvictionAPI',
    message: 'Eviction API: evicting',
  })
  await untilBudget(cluster, { disruptionsAllowed: 1, currentHealthy: 3 })
  expect(budgets).toContain(1)
})

test('a dry run of an eviction changes nothing, and is refused as the eviction would be', async () => {
  await using cluster = await withZookeeper()
  const [first] = podsOf(cluster)
  const dry = { deleteOptions: { dryRun: ['All'] } }
  await createBudget(cluster, { maxUnavailable: 1 })
  await untilBudget(cluster, { disruptionsAllowed: 1 })
  const before = cluster.informers.informer(podDisruptionBudgets).get(budgetKey)?.metadata.resourceVersion
  await evict(cluster, first!, dry)
  expect((await cluster.client.get(podDisruptionBudgets, budgetKey)).metadata.resourceVersion).toBe(before)
  expect((await cluster.client.get(pods, keyOf(first!))).metadata.deletionTimestamp).toBeUndefined()
  await cluster.client.patch(podDisruptionBudgets, budgetKey, { type: merge, body: { spec: { maxUnavailable: 0 } } })
  await untilBudget(cluster, { disruptionsAllowed: 0 })
  expect((await refusalOf(evict(cluster, first!, dry))).code).toBe(429)
})

test('pods that are not healthy go if enough others are, or if the budget always lets them', async () => {
  await using cluster = await withZookeeper('never-ready')
  await createBudget(cluster, { minAvailable: '50%' })
  await untilBudget(cluster, { currentHealthy: 0, desiredHealthy: 2, expectedPods: 3 })
  const [first] = podsOf(cluster)
  expect((await refusalOf(evict(cluster, first!))).code).toBe(429)
  const body = { spec: { unhealthyPodEvictionPolicy: 'AlwaysAllow' } }
  await cluster.client.patch(podDisruptionBudgets, budgetKey, { type: merge, body })
  await evict(cluster, first!)
})

test('two budgets of one pod are more than an eviction can do with', async () => {
  await using cluster = await withZookeeper()
  await createBudget(cluster, { maxUnavailable: 1 })
  await createBudget(cluster, { maxUnavailable: 1 }, 'another')
  await untilBudget(cluster, { disruptionsAllowed: 1 })
  const [first] = podsOf(cluster)
  expect(await evict(cluster, first!)).toMatchObject({
    status: 'Failure',
    code: 500,
    message: 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
  })
})

test('a share of pods that nobody scales can not be told, and one of a kind without a scale allows nothing', async () => {
  await using cluster = await startControllers()
  const account = { namespace: 'default', name: 'default' }
  await cluster.until(serviceAccounts, lister => lister.get(account) !== undefined)
  const pod = { metadata: { name: 'alone', namespace: 'default', labels: { app: 'zookeeper' } } }
  const spec = { containers: [{ name: 'c', image: 'x' }] }
  await cluster.client.create(pods, { ...pod, spec })
  await createBudget(cluster, { maxUnavailable: '10%' })
  await untilBudget(cluster, { disruptionsAllowed: 0, expectedPods: 0 })
  await cluster.until(events, lister => lister.list('default').some(({ reason }) => reason === 'UnmanagedPods'))

  const { metadata } = await cluster.client.create(configMaps, { metadata: { name: 'odd', namespace: 'default' } })
  const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'odd', uid: metadata.uid, controller: true }
  await cluster.client.create(pods, { metadata: { ...pod.metadata, name: 'odd', ownerReferences: [owner] }, spec })
  await cluster.until(podDisruptionBudgets, () => allowed(cluster)?.reason === 'SyncFailed')
  expect(allowed(cluster)).toMatchObject({
    status: 'False',
    message: 'configmaps does not implement the scale subresource',
  })
})

test('a disruption that never came is taken back after two minutes', async () => {
  await using cluster = await withZookeeper()
  const [first] = podsOf(cluster)
  const target = {
    type: 'DisruptionTarget',
    status: 'True',
    lastTransitionTime: new Date(cluster.clock.now()).toISOString(),
  }
  await cluster.client.patch(pods, keyOf(first!), {
    type: 'application/strategic-merge-patch+json',
    body: { status: { conditions: [target] } },
    subresource: 'status',
  })
  const conditionOf = (pod: Pod | undefined) =>
    pod?.status?.conditions?.find(({ type }) => type === 'DisruptionTarget')?.status
  await cluster.until(pods, lister => conditionOf(lister.get(keyOf(first!))) === 'True')
  await cluster.renew('n1')
  await cluster.clock.advance(121_000)
  await cluster.until(pods, lister => conditionOf(lister.get(keyOf(first!))) === 'False')
})
