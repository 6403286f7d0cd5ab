import { expect, test } from 'vitest'
import { deployments } from '../../../shared/api/apps.ts'
import { horizontalPodAutoscalers, type HorizontalPodAutoscaler } from '../../../shared/api/autoscaling.ts'
import { events, pods } from '../../../shared/api/core.ts'
import { keyOf } from '../../../shared/client/key.ts'
import { toTime } from '../../../shared/machinery/clock.ts'
import { playedMetrics, startAdapter, type Adapter, type PlayedUsage } from './metrics.ts'
import { deployment } from './objects.ts'
import { startControllers, type TestCluster } from './start-controllers.ts'

const apache = { namespace: 'default', name: 'php-apache' }
const merge = 'application/merge-patch+json'
const utilization = (averageUtilization: number) => ({ type: 'Utilization', averageUtilization })
const cpuAt = (percent: number) => ({ type: 'Resource', resource: { name: 'cpu', target: utilization(percent) } })

interface Given {
  replicas: number
  spec?: Partial<HorizontalPodAutoscaler['spec']>
  dial?: Adapter['dial']
}

/** The Deployment of Kubernetes' HorizontalPodAutoscaler walkthrough, of pods that ask for 200m, on one node. */
async function withApache({ replicas, spec, dial }: Given) {
  const metrics = playedMetrics()
  const cluster = await startControllers({ server: { kubelets: metrics.kubelets, ...(dial && { dial }) } })
  metrics.of(cluster)
  await cluster.addNode('n1', { cpu: '64', pods: '200' })
  const draft = deployment('php-apache', { replicas })
  const resources = { requests: { cpu: '200m' } }
  draft.spec.template.spec = { containers: [{ name: 'main', image: 'hpa-example', resources }] }
  await cluster.client.create(deployments, draft)
  await untilPods(cluster, replicas)

  /** Plays usage by pods that run long enough to be believed. */
  async function use(usage: PlayedUsage) {
    const { client, clock, informers } = cluster
    const body = { status: { startTime: toTime(clock.now() - 600_000) } }
    for (const pod of informers.informer(pods).list('default')) {
      await client.patch(pods, keyOf(pod), { type: merge, body, subresource: 'status' })
    }
    metrics.use(usage)
  }

  const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'php-apache' }
  const create = () =>
    cluster.client.create(horizontalPodAutoscalers, {
      metadata: apache,
      spec: { scaleTargetRef, minReplicas: 1, maxReplicas: 10, metrics: [cpuAt(50)], ...spec },
    })

  /** The autoscaler's next look at the metrics. */
  async function tick() {
    await cluster.renew('n1')
    await cluster.clock.advance(15_000)
  }
  return { cluster, use, create, tick }
}

const untilPods = ({ until }: TestCluster, count: number) =>
  until(deployments, lister => lister.get(apache)?.status?.readyReplicas === count)

const statusOf = ({ informers }: TestCluster) => informers.informer(horizontalPodAutoscalers).get(apache)?.status
const conditionOf = (cluster: TestCluster, type: string) =>
  statusOf(cluster)?.conditions?.find(each => each.type === type)
const untilCondition = (cluster: TestCluster, type: string, reason: string) =>
  cluster.until(horizontalPodAutoscalers, () => conditionOf(cluster, type)?.reason === reason)
const replicasOf = ({ informers }: TestCluster) => informers.informer(deployments).get(apache)?.spec.replicas
const untilReplicas = (cluster: TestCluster, count: number) =>
  cluster.until(deployments, () => replicasOf(cluster) === count)
const untilEvent = ({ until }: TestCluster, expected: string, text: string) =>
  until(events, lister =>
    lister.list('default').some(({ reason, message }) => reason === expected && message?.includes(text)),
  )

test('without metrics of its pods it says so and leaves the target alone', async () => {
  const { cluster, create, use } = await withApache({ replicas: 1 })
  await using _ = cluster
  await use({ cpu: 1, unknown: cluster.informers.informer(pods).list('default')[0]?.metadata.name ?? '' })
  await create()
  await untilCondition(cluster, 'ScalingActive', 'FailedGetResourceMetric')
  const why =
    'failed to get cpu utilization: unable to get metrics for resource cpu: no metrics returned from resource metrics API'
  expect(conditionOf(cluster, 'ScalingActive')).toMatchObject({
    status: 'False',
    message: `the HPA was unable to compute the replica count: ${why}`,
  })
  expect(conditionOf(cluster, 'AbleToScale')).toMatchObject({ status: 'True', reason: 'SucceededGetScale' })
  await untilEvent(cluster, 'FailedGetResourceMetric', why)
  const all = `invalid metrics (1 invalid out of 1), first error is: failed to get cpu resource metric value: ${why}`
  await untilEvent(cluster, 'FailedComputeMetricsReplicas', all)
  expect(replicasOf(cluster)).toBe(1)
})

test('scales up to what the load asks for, and down after five quiet minutes', async () => {
  const { cluster, create, use, tick } = await withApache({ replicas: 1 })
  await using _ = cluster
  await use({ cpu: 0.4 })
  await create()
  await untilReplicas(cluster, 4) // 200% where 50% is wanted
  await untilCondition(cluster, 'AbleToScale', 'SucceededRescale')
  expect(conditionOf(cluster, 'ScalingLimited')).toMatchObject({ status: 'False', reason: 'DesiredWithinRange' })
  const metric = 'cpu resource utilization (percentage of request)'
  await untilEvent(cluster, 'SuccessfulRescale', `New size: 4; reason: ${metric} above target`)
  await untilPods(cluster, 4)
  await use({ cpu: 0.02 })
  await tick()
  await untilCondition(cluster, 'AbleToScale', 'ScaleDownStabilized')
  expect(replicasOf(cluster)).toBe(4)
  for (let seconds = 15; seconds < 300; seconds += 15) await tick()
  expect(replicasOf(cluster)).toBe(4)
  await tick()
  await untilReplicas(cluster, 1)
  await untilEvent(cluster, 'SuccessfulRescale', 'New size: 1; reason: All metrics below target')
})

test('usage near the target changes nothing, and the status tells it', async () => {
  const { cluster, create, use } = await withApache({ replicas: 3 })
  await using _ = cluster
  await use({ cpu: 0.105 })
  await create()
  await untilCondition(cluster, 'ScalingLimited', 'DesiredWithinRange')
  expect(statusOf(cluster)).toMatchObject({
    currentReplicas: 3,
    desiredReplicas: 3,
    currentMetrics: [
      { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 52, averageValue: '105m' } } },
    ],
  })
  expect(conditionOf(cluster, 'ScalingActive')).toMatchObject({ status: 'True', reason: 'ValidMetricFound' })
  expect(replicasOf(cluster)).toBe(3)
})

test('a policy bounds how fast it grows, and a tolerance of its own when', async () => {
  const scaleUp = { policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }], tolerance: '0.01' }
  const { cluster, create, use, tick } = await withApache({ replicas: 2, spec: { behavior: { scaleUp } } })
  await using _ = cluster
  await use({ cpu: 0.105 })
  await create()
  await untilReplicas(cluster, 3)
  await untilPods(cluster, 3)
  await use({ cpu: 1 })
  await tick()
  await untilCondition(cluster, 'ScalingLimited', 'ScaleUpLimit')
  expect(replicasOf(cluster)).toBe(3)
  for (let seconds = 15; seconds < 60; seconds += 15) await tick()
  await untilReplicas(cluster, 4)
})

test('a target beyond its bounds is brought within them, metrics or not, and one of zero is left alone', async () => {
  const { cluster, create, tick } = await withApache({ replicas: 5, spec: { minReplicas: 2, maxReplicas: 3 } })
  await using _ = cluster
  await create()
  await untilReplicas(cluster, 3)
  await untilCondition(cluster, 'AbleToScale', 'SucceededRescale')
  const scaleTo = async (replicas: number) => {
    await cluster.client.patch(deployments, apache, { type: merge, body: { spec: { replicas } } })
    await untilReplicas(cluster, replicas)
  }
  await scaleTo(1)
  await tick()
  await untilReplicas(cluster, 2)
  await scaleTo(0)
  await tick()
  await untilCondition(cluster, 'ScalingActive', 'ScalingDisabled')
  expect(replicasOf(cluster)).toBe(0)
})

test('two autoscalers of the same pods do not fight: neither scales', async () => {
  const { cluster, create, use, tick } = await withApache({ replicas: 1 })
  await using _ = cluster
  await use({ cpu: 0.1 })
  const { spec } = await create()
  await untilCondition(cluster, 'ScalingActive', 'ValidMetricFound')
  await cluster.client.create(horizontalPodAutoscalers, { metadata: { ...apache, name: 'another' }, spec })
  await use({ cpu: 1 })
  await untilEvent(
    cluster,
    'AmbiguousSelector',
    'controlled by multiple HPAs: [{another default} {php-apache default}]',
  )
  await tick()
  await untilCondition(cluster, 'ScalingActive', 'AmbiguousSelector')
  expect(replicasOf(cluster)).toBe(1)
})

const adapter = () =>
  startAdapter((path, query) => {
    const pods = ['php-apache-unknown']
    if (path === '/apis/custom.metrics.k8s.io/v1beta2' || path === '/apis/external.metrics.k8s.io/v1beta1') {
      return { kind: 'APIResourceList', groupVersion: path.slice('/apis/'.length), resources: [] }
    }
    const timestamp = toTime(0)
    const custom = '/apis/custom.metrics.k8s.io/v1beta2/namespaces/default'
    const external = '/apis/external.metrics.k8s.io/v1beta1/namespaces/default'
    if (path === `${custom}/ingresses.networking.k8s.io/main-route/requests-per-second`) {
      return { items: [{ describedObject: { name: 'main-route' }, value: '6k', timestamp }] }
    }
    if (path === `${custom}/pods/*/packets-per-second`) {
      return { items: pods.map(name => ({ describedObject: { name }, value: '1500', timestamp })) }
    }
    if (path === `${external}/queue_messages_ready` && query.get('labelSelector') === 'queue=worker_tasks') {
      return { items: ['50', '40'].map(value => ({ metricName: 'queue_messages_ready', value, timestamp })) }
    }
    return undefined
  })

test('scales by metrics of other objects and from outside of the cluster', async () => {
  await using served = await adapter()
  const queue = { name: 'queue_messages_ready', selector: { matchLabels: { queue: 'worker_tasks' } } }
  const metrics = [
    { type: 'External', external: { metric: queue, target: { type: 'AverageValue', averageValue: '30' } } },
    {
      type: 'Object',
      object: {
        metric: { name: 'requests-per-second' },
        describedObject: { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name: 'main-route' },
        target: { type: 'Value', value: '2k' },
      },
    },
    {
      type: 'Pods',
      pods: { metric: { name: 'packets-per-second' }, target: { type: 'AverageValue', averageValue: '1k' } },
    },
  ]
  const { cluster, create, tick } = await withApache({ replicas: 2, spec: { metrics }, dial: served.dial })
  await using _ = cluster
  await create()
  await untilCondition(cluster, 'ScalingActive', 'FailedGetExternalMetric')
  expect(conditionOf(cluster, 'ScalingActive')?.message).toBe(
    'the HPA was unable to compute the replica count: unable to get external metric default/queue_messages_ready/&LabelSelector{MatchLabels:map[string]string{queue: worker_tasks,},MatchExpressions:[]LabelSelectorRequirement{},}: unable to fetch metrics from external metrics API: the server could not find the requested resource (get queue_messages_ready.external.metrics.k8s.io)',
  )
  await untilEvent(cluster, 'FailedGetPodsMetric', 'no custom metrics API (custom.metrics.k8s.io) registered')
  await served.register(cluster, 'external.metrics.k8s.io', 'v1beta1')
  await tick()
  await untilReplicas(cluster, 3) // 90 messages
  await untilPods(cluster, 3)
  await served.register(cluster, 'custom.metrics.k8s.io', 'v1beta2')
  await tick()
  await untilReplicas(cluster, 6) // doubled; three times the requests of three pods ask for 9
  await untilEvent(cluster, 'SuccessfulRescale', 'New size: 6; reason: Ingress metric requests-per-second above target')
  expect(statusOf(cluster)?.currentMetrics).toMatchObject([
    { type: 'External', external: { current: { averageValue: '30' } } },
    { type: 'Object', object: { current: { value: '6k' } } },
    { type: 'Pods', pods: { current: { averageValue: '1500' } } },
  ])
})

test('a target that is not there, or can not be scaled, is told of', async () => {
  await using cluster = await startControllers()
  const create = (name: string, scaleTargetRef: HorizontalPodAutoscaler['spec']['scaleTargetRef']) =>
    cluster.client.create(horizontalPodAutoscalers, {
      metadata: { namespace: 'default', name },
      spec: { scaleTargetRef, maxReplicas: 2 },
    })
  const message = (name: string) =>
    cluster.informers
      .informer(horizontalPodAutoscalers)
      .get({ namespace: 'default', name })
      ?.status?.conditions?.find(({ reason }) => reason === 'FailedGetScale')?.message
  await create('missing', { apiVersion: 'apps/v1beta1', kind: 'Deployment', name: 'x' })
  await create('unscalable', { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', name: 'x' })
  await create('unknown', { apiVersion: 'example.com/v1', kind: 'Thing', name: 'x' })
  await cluster.until(horizontalPodAutoscalers, () => ['missing', 'unscalable', 'unknown'].every(name => message(name)))
  const unable = "the HPA controller was unable to get the target's current scale:"
  expect(message('missing')).toBe(`${unable} deployments.apps "x" not found`)
  expect(message('unscalable')).toBe(`${unable} the server could not find the requested resource`)
  expect(message('unknown')).toBe(`${unable} no matches for kind "Thing" in group "example.com"`)
})
