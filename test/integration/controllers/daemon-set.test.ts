import { expect, test } from 'vitest'
import { controllerRevisions, daemonSets, type DaemonSet } from '../../../shared/api/apps.ts'
import { events, nodes, pods, type Pod } from '../../../shared/api/core.ts'
import type { Draft } from '../../../shared/api/object.ts'
import { canonicalJson } from '../../../shared/machinery/hash.ts'
import { report } from './stateful-sets.ts'
import { podUids, startControllers, type TestCluster } from './start-controllers.ts'

const fluentd = { namespace: 'default', name: 'fluentd' }
const merge = 'application/merge-patch+json'
const node = (name: string) => ({ namespace: '', name })

/** The log agent of Kubernetes' DaemonSet page. */
function agent(spec: Partial<DaemonSet['spec']> = {}): Draft<DaemonSet> {
  const labels = { name: 'fluentd' }
  const containers = [{ name: 'fluentd', image: 'fluentd:1' }]
  return {
    metadata: fluentd,
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } }, ...spec },
  }
}

const setImage = ({ client }: TestCluster, image: string) =>
  client.patch(daemonSets, fluentd, {
    type: merge,
    body: { spec: { template: { spec: { containers: [{ name: 'fluentd', image }] } } } },
  })

const untilStatus = ({ until }: TestCluster, expected: Partial<NonNullable<DaemonSet['status']>>) =>
  until(daemonSets, lister => {
    const set = lister.get(fluentd)
    const status = set?.status as Record<string, unknown> | undefined
    return (
      set?.metadata.generation === status?.['observedGeneration'] &&
      Object.entries(expected).every(([field, value]) => (status?.[field] ?? 0) === value)
    )
  })

const ready = (count: number) => ({
  desiredNumberScheduled: count,
  currentNumberScheduled: count,
  numberReady: count,
  numberAvailable: count,
  updatedNumberScheduled: count,
  numberUnavailable: 0,
})

const placed = ({ informers }: TestCluster) =>
  informers
    .informer(pods)
    .list('default')
    .map(({ spec }) => `${spec.nodeName ?? ''}=${spec.containers[0]?.image ?? ''}`)
    .sort()

async function withNodes(names: string[], set = agent()) {
  const cluster = await startControllers()
  for (const name of names) await cluster.addNode(name)
  await cluster.client.create(daemonSets, set)
  return cluster
}

test('runs one pod on each node, on those that join, too, with a daemon’s tolerations', async () => {
  await using cluster = await withNodes(['n1', 'n2'])
  const { client, informers } = cluster
  await untilStatus(cluster, ready(2))
  await cluster.addNode('n3', { taints: [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }] })
  await untilStatus(cluster, ready(3))
  expect(placed(cluster)).toEqual(['n1=fluentd:1', 'n2=fluentd:1', 'n3=fluentd:1'])

  const [pod] = informers.informer(pods).list('default')
  const revision = informers.informer(controllerRevisions).list('default')[0]
  expect(pod?.metadata.labels).toMatchObject({
    'controller-revision-hash': revision?.metadata.labels?.['controller-revision-hash'],
    'pod-template-generation': '1',
  })
  expect(pod?.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution).toEqual({
    nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [pod?.spec.nodeName] }] }],
  })
  expect(pod?.spec.tolerations?.map(({ key, effect }) => `${key ?? ''}:${effect ?? ''}`).sort()).toEqual([
    'node.kubernetes.io/disk-pressure:NoSchedule',
    'node.kubernetes.io/memory-pressure:NoSchedule',
    'node.kubernetes.io/not-ready:NoExecute',
    'node.kubernetes.io/pid-pressure:NoSchedule',
    'node.kubernetes.io/unreachable:NoExecute',
    'node.kubernetes.io/unschedulable:NoSchedule',
  ])

  await client.delete(pods, { namespace: 'default', name: pod?.metadata.name ?? '' })
  await cluster.until(pods, lister =>
    lister.list('default').every(({ metadata }) => metadata.uid !== pod?.metadata.uid),
  )
  await untilStatus(cluster, ready(3))
})

test('follows labels of nodes', async () => {
  const set = agent()
  const spec = { containers: [{ name: 'fluentd', image: 'fluentd:1' }], nodeSelector: { disk: 'ssd' } }
  set.spec.template = { ...set.spec.template, spec }
  await using cluster = await withNodes(['n1', 'n2'], set)
  await untilStatus(cluster, ready(0))
  await cluster.client.patch(nodes, node('n2'), { type: merge, body: { metadata: { labels: { disk: 'ssd' } } } })
  await untilStatus(cluster, ready(1))
  expect(placed(cluster)).toEqual(['n2=fluentd:1'])
  await cluster.client.patch(nodes, node('n2'), { type: merge, body: { metadata: { labels: { disk: null } } } })
  await untilStatus(cluster, ready(0))
  await cluster.until(pods, lister => lister.list('default').length === 0)
})

test('a taint keeps new pods away, counts those there as misscheduled, and drives them away if it is NoExecute', async () => {
  await using cluster = await withNodes(['n1', 'n2'])
  const { client } = cluster
  await untilStatus(cluster, ready(2))
  const taint = (effect: string) => ({ type: merge, body: { spec: { taints: [{ key: 'team', effect }] } } }) as const
  await client.patch(nodes, node('n1'), taint('NoSchedule'))
  await untilStatus(cluster, { desiredNumberScheduled: 1, numberMisscheduled: 1, numberReady: 1 })
  expect(placed(cluster)).toHaveLength(2)
  await client.patch(nodes, node('n1'), taint('NoExecute'))
  await untilStatus(cluster, { desiredNumberScheduled: 1, numberMisscheduled: 0, numberReady: 1 })
  expect(placed(cluster)).toEqual(['n2=fluentd:1'])
})

test('rolls an update out a pod at a time and back to the revision before', async () => {
  await using cluster = await withNodes(['n1', 'n2', 'n3'])
  const { informers } = cluster
  await untilStatus(cluster, ready(3))
  let fewest = 3
  using _ = informers
    .informer(daemonSets)
    .on({ updated: ({ status }) => (fewest = Math.min(fewest, status?.numberAvailable ?? 0)) })
  await setImage(cluster, 'fluentd:2')
  await untilStatus(cluster, ready(3))
  expect(placed(cluster)).toEqual(['n1=fluentd:2', 'n2=fluentd:2', 'n3=fluentd:2'])
  expect(fewest).toBeGreaterThanOrEqual(2)

  await setImage(cluster, 'fluentd:1')
  await untilStatus(cluster, ready(3))
  const revisions = informers.informer(controllerRevisions).list('default')
  expect(revisions.map(({ revision }) => revision).sort()).toEqual([2, 3])
  // Clients compare the bytes of a template with those of a revision, and Go writes the keys of maps in order.
  for (const { data } of revisions) expect(JSON.stringify(data)).toBe(canonicalJson(data))
})

test('a rollback of an update that got stuck leaves the good pods alone', async () => {
  await using cluster = await withNodes(['n1', 'n2', 'n3'])
  await untilStatus(cluster, ready(3))
  const before = podUids(cluster)
  await setImage(cluster, 'never-ready')
  await untilStatus(cluster, { updatedNumberScheduled: 1, numberReady: 2, numberUnavailable: 1 })
  const kept = podUids(cluster).filter(uid => before.includes(uid))
  expect(kept).toHaveLength(2)
  await setImage(cluster, 'fluentd:1')
  await untilStatus(cluster, ready(3))
  expect(podUids(cluster)).toEqual(expect.arrayContaining(kept))
})

test('with maxSurge a new pod is available before the old one goes', async () => {
  const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } }
  await using cluster = await withNodes(['n1', 'n2'], agent({ updateStrategy }))
  await untilStatus(cluster, ready(2))
  const isReady = ({ status }: Pod) => status?.conditions?.some(each => each.type === 'Ready' && each.status === 'True')
  const bare: string[] = []
  using _ = cluster.informers.informer(pods).on({
    deleted({ spec }) {
      const others = cluster.informers.informer(pods).list('default')
      if (!others.some(pod => pod.spec.nodeName === spec.nodeName && isReady(pod))) bare.push(spec.nodeName ?? '')
    },
  })
  await setImage(cluster, 'fluentd:2')
  await untilStatus(cluster, ready(2))
  await cluster.until(pods, () => placed(cluster).join() === 'n1=fluentd:2,n2=fluentd:2')
  expect(bare).toEqual([])
})

test('OnDelete updates a pod when it is deleted by hand', async () => {
  await using cluster = await withNodes(['n1', 'n2'], agent({ updateStrategy: { type: 'OnDelete' } }))
  const { client, informers } = cluster
  await untilStatus(cluster, ready(2))
  await setImage(cluster, 'fluentd:2')
  await untilStatus(cluster, { updatedNumberScheduled: 0, numberReady: 2 })
  const [pod] = informers.informer(pods).list('default')
  await client.delete(pods, { namespace: 'default', name: pod?.metadata.name ?? '' })
  await untilStatus(cluster, { updatedNumberScheduled: 1, numberReady: 2 })
  expect(placed(cluster).map(each => each.split('=')[1])).toContain('fluentd:1')
})

test('a failed pod is replaced, and the next one stays longer', async () => {
  await using cluster = await startControllers({ startsPods: false })
  await cluster.addNode('n1')
  await cluster.client.create(daemonSets, agent())
  const failing = async () => {
    await cluster.until(pods, lister => lister.list('default').some(({ status }) => status?.phase === 'Pending'))
    const [pod] = cluster.informers.informer(pods).list('default')
    await report(cluster, pod, 'Failed')
    return pod?.metadata.uid
  }
  const isGone = (uid: string | undefined) =>
    cluster.until(pods, lister => lister.list('default').every(({ metadata }) => metadata.uid !== uid))
  await isGone(await failing())
  const second = await failing()
  await cluster.until(events, lister => lister.list('default').some(({ reason }) => reason === 'FailedDaemonPod'))
  expect(cluster.informers.informer(pods).list('default')[0]?.metadata.uid).toBe(second)
  await cluster.clock.advance(1000)
  await isGone(second)
})

test('minReadySeconds holds an update up until the new pod is available', async () => {
  await using cluster = await withNodes(['n1', 'n2'], agent({ minReadySeconds: 10 }))
  await untilStatus(cluster, { numberReady: 2, numberAvailable: 0 })
  await cluster.clock.advance(10_000)
  await untilStatus(cluster, ready(2))
  await setImage(cluster, 'fluentd:2')
  await untilStatus(cluster, { updatedNumberScheduled: 1, numberReady: 2, numberAvailable: 1 })
  await cluster.clock.advance(10_000)
  await untilStatus(cluster, { updatedNumberScheduled: 2, numberReady: 2, numberAvailable: 1 })
})
