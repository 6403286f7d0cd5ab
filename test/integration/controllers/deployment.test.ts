import { expect, test } from 'vitest'
import { deployments, replicaSets, type ReplicaSet } from '../../../shared/api/apps.ts'
import { events, pods } from '../../../shared/api/core.ts'
import { deployment } from './objects.ts'
import { startControllers, type TestCluster } from './start-controllers.ts'

const web = { namespace: 'default', name: 'web' }
const merge = 'application/merge-patch+json'

const change = ({ client }: TestCluster, spec: object) =>
  client.patch(deployments, web, { type: merge, body: { spec } })

const image = (to: string) => ({
  template: { spec: { containers: [{ name: 'main', image: to, ports: [{ name: 'http', containerPort: 8080 }] }] } },
})

/** Complete: as `kubectl rollout status` sees it. */
function rolledOut(cluster: TestCluster, replicas: number, revision: string) {
  return cluster.until(deployments, lister => {
    const { status = {}, metadata } = lister.get(web) ?? { metadata: {} as ReplicaSet['metadata'] }
    return (
      status.observedGeneration === metadata.generation &&
      status.updatedReplicas === replicas &&
      status.replicas === replicas &&
      status.availableReplicas === replicas &&
      metadata.annotations?.['deployment.kubernetes.io/revision'] === revision &&
      (status.conditions ?? []).some(each => each.reason === 'NewReplicaSetAvailable')
    )
  })
}

test('rolls out, scales, updates and rolls back', async () => {
  await using cluster = await startControllers()
  const { client, until, informers } = cluster
  await cluster.addNode('n1')
  await client.create(deployments, deployment('web'))
  await rolledOut(cluster, 3, '1')
  expect(informers.informer(pods).list('default')).toHaveLength(3)

  await change(cluster, { replicas: 10 })
  await rolledOut(cluster, 10, '1')
  await change(cluster, image('web:2'))
  await rolledOut(cluster, 10, '2')
  await until(pods, lister => lister.list('default').length === 10)
  const running = informers.informer(pods).list('default')
  expect(new Set(running.map(pod => pod.spec.containers[0]!.image))).toEqual(new Set(['web:2']))

  const sets = informers.informer(replicaSets).list('default')
  expect(sets.map(set => set.spec.replicas).sort()).toEqual([0, 10])
  await change(cluster, image('web:1'))
  await rolledOut(cluster, 10, '3')
  // The template is known: its ReplicaSet is used again.
  expect(informers.informer(replicaSets).list('default')).toHaveLength(2)

  await change(cluster, { replicas: 1 })
  await rolledOut(cluster, 1, '3')
  await until(pods, lister => lister.list('default').length === 1)
})

test('creates exactly as many pods as wanted, in one burst', async () => {
  await using cluster = await startControllers()
  await cluster.addNode('n1', { cpu: '64', pods: '500' })
  await cluster.client.create(deployments, deployment('web', { replicas: 60 }))
  await rolledOut(cluster, 60, '1')
  const list = await cluster.client.list(events, { namespace: 'default' })
  const made = list.items.filter(event => event.reason === 'SuccessfulDelete')
  expect(made).toEqual([])
  expect(cluster.informers.informer(pods).list('default')).toHaveLength(60)
})

test('an update that never gets ready keeps the old pods and times out', async () => {
  await using cluster = await startControllers()
  const { client, until, clock, informers } = cluster
  await cluster.addNode('n1')
  await client.create(deployments, deployment('web', { progressDeadlineSeconds: 60 }))
  await rolledOut(cluster, 3, '1')
  await change(cluster, image('never-ready'))
  await until(deployments, lister => lister.get(web)?.status?.updatedReplicas === 1)
  const ready = informers
    .informer(pods)
    .list('default')
    .filter(pod => pod.spec.containers[0]!.image === 'web:1')
  expect(ready).toHaveLength(3)
  await cluster.renew('n1')
  await clock.advance(30_000)
  await cluster.renew('n1')
  await clock.advance(35_000)
  await until(deployments, lister =>
    (lister.get(web)?.status?.conditions ?? []).some(
      each => each.reason === 'ProgressDeadlineExceeded' && each.status === 'False',
    ),
  )
})

test('Recreate ends all old pods before it starts new ones', async () => {
  await using cluster = await startControllers()
  const { client, informers } = cluster
  await cluster.addNode('n1')
  await client.create(deployments, deployment('web', { strategy: { type: 'Recreate' } }))
  await rolledOut(cluster, 3, '1')
  const together: string[][] = []
  using _ = informers.informer(pods).on({
    added() {
      const images = new Set(
        informers
          .informer(pods)
          .list('default')
          .map(pod => pod.spec.containers[0]!.image ?? ''),
      )
      if (images.size > 1) together.push([...images])
    },
  })
  await change(cluster, image('web:2'))
  await rolledOut(cluster, 3, '2')
  expect(together).toEqual([])
})

test('a paused Deployment scales but does not roll out', async () => {
  await using cluster = await startControllers()
  const { client, until, informers } = cluster
  await cluster.addNode('n1')
  await client.create(deployments, deployment('web'))
  await rolledOut(cluster, 3, '1')
  await change(cluster, { paused: true, replicas: 5, ...image('web:2') })
  await until(deployments, lister => lister.get(web)?.status?.availableReplicas === 5)
  await until(deployments, lister =>
    (lister.get(web)?.status?.conditions ?? []).some(each => each.reason === 'DeploymentPaused'),
  )
  expect(informers.informer(replicaSets).list('default')).toHaveLength(1)
  await change(cluster, { paused: false })
  await rolledOut(cluster, 5, '2')
})

test('keeps no more old ReplicaSets than the history limit', async () => {
  await using cluster = await startControllers()
  await cluster.addNode('n1')
  await cluster.client.create(deployments, deployment('web', { replicas: 1, revisionHistoryLimit: 1 }))
  await rolledOut(cluster, 1, '1')
  for (const revision of ['2', '3', '4']) {
    await change(cluster, image(`web:${revision}`))
    await rolledOut(cluster, 1, revision)
  }
  await cluster.until(replicaSets, lister => lister.list('default').length === 2)
})

test('a ReplicaSet adopts matching orphans and lets go of pods that no longer match', async () => {
  await using cluster = await startControllers()
  const { client, until, informers } = cluster
  await cluster.addNode('n1')
  await client.create(pods, {
    metadata: { name: 'orphan', namespace: 'default', labels: { app: 'web' } },
    spec: { containers: [{ name: 'c', image: 'x' }] },
  })
  const set = await client.create(replicaSets, {
    metadata: { name: 'set', namespace: 'default' },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'x' }] } },
    },
  })
  await until(replicaSets, lister => lister.get({ namespace: 'default', name: 'set' })?.status?.availableReplicas === 2)
  expect(
    informers
      .informer(pods)
      .by('owner-uid', set.metadata.uid)
      .map(pod => pod.metadata.name),
  ).toContain('orphan')

  await client.patch(
    pods,
    { namespace: 'default', name: 'orphan' },
    { type: merge, body: { metadata: { labels: { app: 'debug' } } } },
  )
  await until(
    pods,
    lister => lister.by('owner-uid', set.metadata.uid).length === 2 && lister.list('default').length === 3,
  )
  expect(
    informers.informer(pods).get({ namespace: 'default', name: 'orphan' })?.metadata.ownerReferences ?? [],
  ).toEqual([])
})

test('a revision that is too large for a floating-point number counts on by one', async () => {
  await using cluster = await startControllers()
  const { client, until, informers } = cluster
  await cluster.addNode('n1')
  const adopted = deployment('web', { image: 'web:0' }).spec
  await client.create(replicaSets, {
    metadata: {
      name: 'web-0',
      namespace: 'default',
      labels: { app: 'web' },
      annotations: { 'deployment.kubernetes.io/revision': '3546343826724305832' },
    },
    spec: { replicas: 1, selector: adopted.selector, template: adopted.template },
  })
  await client.create(deployments, deployment('web', { replicas: 1 }))
  await rolledOut(cluster, 1, '3546343826724305833')
  await until(replicaSets, lister => lister.list('default').length === 2)
  expect(informers.informer(replicaSets).get({ namespace: 'default', name: 'web-0' })?.spec.replicas).toBe(0)
})

test('the greatest progress deadline is none: no Progressing condition comes, and nothing is written again and again', async () => {
  await using cluster = await startControllers()
  const { client, until, informers } = cluster
  await cluster.addNode('n1')
  const seen = new Set<string>()
  using _ = informers
    .informer(deployments)
    .on({ updated: ({ status }) => status?.conditions?.forEach(condition => seen.add(condition.type)) })
  await client.create(deployments, deployment('web', { replicas: 1, progressDeadlineSeconds: 2 ** 31 - 1 }))
  await until(deployments, lister => lister.get(web)?.status?.availableReplicas === 1)
  await change(cluster, { paused: true })
  await until(deployments, lister => lister.get(web)?.status?.observedGeneration === 2)
  await change(cluster, { paused: false })
  await until(deployments, lister => lister.get(web)?.status?.observedGeneration === 3)
  expect(seen).toEqual(new Set(['Available']))
})

test('the name of a ReplicaSet is cut where it would be too long', async () => {
  await using cluster = await startControllers()
  const name = 'd'.repeat(253)
  const draft = deployment('web', { replicas: 0 })
  await cluster.client.create(deployments, { ...draft, metadata: { name, namespace: 'default' } })
  await cluster.until(replicaSets, lister => lister.list('default').length === 1)
  const [created] = cluster.informers.informer(replicaSets).list('default')
  const hash = created?.metadata.labels?.['pod-template-hash'] ?? ''
  expect(created?.metadata.name).toBe(`${name.slice(0, 252 - hash.length)}-${hash}`)
})
