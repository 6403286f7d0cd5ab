import { expect, test } from 'vitest'
import { deployments, replicaSets, statefulSets, type ReplicaSet } from '../../../shared/api/apps.ts'
import { cronJobs, jobs, type CronJob } from '../../../shared/api/batch.ts'
import { configMaps, events, nodes, pods, serviceAccounts, type ConfigMap } from '../../../shared/api/core.ts'
import type { Draft } from '../../../shared/api/object.ts'
import type { Controller } from '../../../shared/client/controller.ts'
import { runController } from '../../../shared/client/run-controller.ts'
import { controllerOf, each } from '../../../shared/client/watches.ts'
import { toTime } from '../../../shared/machinery/clock.ts'
import { silent } from '../../../shared/machinery/log.ts'
import { deployment } from './objects.ts'
import { podUids, startControllers, type TestCluster } from './start-controllers.ts'

const merge = 'application/merge-patch+json'
const hour = 3_600_000
const keyOf = (name: string) => ({ namespace: 'default', name })
const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'main', image: 'web:1' }] } }

const controlledBy = ({ informers }: TestCluster, name: string) =>
  informers
    .informer(pods)
    .list('default')
    .filter(pod => controllerOf(pod)?.name === name)

test('controllers whose selectors match the same pods leave each other theirs, and an orphan has one owner', async () => {
  await using cluster = await startControllers()
  const { client, until } = cluster
  await cluster.addNode('n1')
  await until(serviceAccounts, lister => lister.get(keyOf('default')) !== undefined)
  await client.create(pods, { metadata: { ...keyOf('orphan'), labels: { app: 'web' } }, spec: template.spec })
  const spec = { selector: { matchLabels: { app: 'web' } }, template }
  const replicaSet = (name: string): Draft<ReplicaSet> => ({ metadata: keyOf(name), spec: { replicas: 2, ...spec } })
  await Promise.all(['first', 'second'].map(name => client.create(replicaSets, replicaSet(name))))
  await client.create(statefulSets, { metadata: keyOf('third'), spec: { replicas: 2, serviceName: 'web', ...spec } })
  const settled = () =>
    ['first', 'second', 'third'].every(name => {
      const owned = controlledBy(cluster, name)
      return owned.length === 2 && owned.every(({ status }) => status?.phase === 'Running')
    })
  await until(pods, lister => lister.list('default').length === 6 && settled())
  await until(replicaSets, lister => lister.list('default').every(({ status }) => status?.readyReplicas === 2))
  const before = podUids(cluster)
  await client.patch(replicaSets, keyOf('first'), { type: merge, body: { spec: { replicas: 1 } } })
  await until(pods, lister => lister.list('default').length === 5)
  expect(controlledBy(cluster, 'second')).toHaveLength(2)
  expect(before).toEqual(expect.arrayContaining(podUids(cluster)))
})

test('owners in a circle stay, and go in the foreground even if one owns itself', async () => {
  await using cluster = await startControllers()
  const { client, until } = cluster
  const made: ConfigMap[] = []
  for (const name of ['a', 'b', 'c', 'self']) made.push(await client.create(configMaps, { metadata: keyOf(name) }))
  const own = (dependent: number, owner: number) => {
    const { name = '', uid = '' } = made[owner]?.metadata ?? {}
    const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name, uid, blockOwnerDeletion: true }]
    const key = keyOf(made[dependent]?.metadata.name ?? '')
    return client.patch(configMaps, key, { type: merge, body: { metadata: { ownerReferences } } })
  }
  await own(0, 1)
  await own(1, 2)
  await own(2, 0)
  await own(3, 3)
  // What a collection of the same kind has done by now shows that these were judged.
  const gone = { apiVersion: 'v1', kind: 'ConfigMap', name: 'gone', uid: 'gone' }
  const known = cluster.informers.informer(configMaps)
  const { metadata } = await client.create(configMaps, { metadata: { ...keyOf('dangling'), ownerReferences: [gone] } })
  await known.reached(metadata.resourceVersion, AbortSignal.timeout(15_000))
  await until(configMaps, lister => !lister.get(keyOf('dangling')))
  for (const name of ['a', 'b', 'c', 'self']) {
    const kept = known.get(keyOf(name))?.metadata
    expect(kept).toBeDefined()
    expect(kept).not.toHaveProperty('deletionTimestamp')
  }
  for (const name of ['a', 'self']) await client.delete(configMaps, keyOf(name), { propagationPolicy: 'Foreground' })
  await until(configMaps, lister =>
    lister.list('default').every(({ metadata }) => metadata.name === 'kube-root-ca.crt'),
  )
})

const cronJob = (name: string, spec: Partial<CronJob['spec']>): Draft<CronJob> => {
  const work = { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'work:1' }] } }
  return { metadata: keyOf(name), spec: { schedule: '0 * * * *', jobTemplate: { spec: { template: work } }, ...spec } }
}

const jobNames = ({ informers }: TestCluster) =>
  informers
    .informer(jobs)
    .list('default')
    .map(({ metadata }) => metadata.name)

test('a schedule without any time is told of and holds up no other', async () => {
  await using cluster = await startControllers()
  const { client, until, clock } = cluster
  await client.create(cronJobs, cronJob('never', { schedule: '0 0 31 2 *' }))
  await client.create(cronJobs, cronJob('hourly', {}))
  await until(events, lister =>
    lister
      .list('default')
      .some(({ reason, involvedObject }) => reason === 'InvalidSchedule' && involvedObject.name === 'never'),
  )
  await clock.advance(hour + 1000)
  await until(jobs, lister => lister.list('default').length === 1)
  expect(jobNames(cluster)[0]).toMatch(/^hourly-/)
})

test('a clock that is set back starts no Job twice and evicts nothing', async () => {
  await using cluster = await startControllers()
  const { client, until, clock } = cluster
  await cluster.addNode('n1')
  await client.create(deployments, deployment('web'))
  await until(deployments, lister => lister.get(keyOf('web'))?.status?.readyReplicas === 3)
  await client.create(cronJobs, cronJob('hourly', { concurrencyPolicy: 'Allow' }))
  const next = Math.ceil((clock.now() + 1) / hour) * hour
  for (let left = next + 1000 - clock.now(); left > 0; left -= 30_000) {
    await clock.advance(Math.min(left, 30_000))
    await cluster.renew('n1')
  }
  await until(cronJobs, lister => lister.get(keyOf('hourly'))?.status?.lastScheduleTime === toTime(next))
  const before = { jobs: jobNames(cluster), pods: podUids(cluster) }
  await clock.jump(-hour)
  await cluster.renew('n1')
  for (let passed = 0; passed < hour + 2000; passed += 30_000) {
    await clock.advance(30_000)
    await cluster.renew('n1')
  }
  expect(jobNames(cluster)).toEqual(before.jobs)
  expect(podUids(cluster)).toEqual(before.pods)
  const [node] = cluster.informers.informer(nodes).list()
  expect(node?.status?.conditions?.find(({ type }) => type === 'Ready')?.status).toBe('True')
  await clock.advance(hour)
  await until(jobs, lister => lister.list('default').length === 2)
})

test('a controller that throws tries again with back-off; other keys and other controllers go on', async () => {
  await using cluster = await startControllers({ provokes: 'keys of pods' })
  const { client, informers, clock, until } = cluster
  const attempts: string[] = []
  const fail = () => {
    throw new Error('keys of pods')
  }
  const throwing: Controller = {
    name: 'throwing',
    watches: [each(configMaps), { ref: pods, keys: fail }],
    async reconcile({ name }) {
      attempts.push(name)
      await (name === 'bad' ? Promise.reject(new Error('reconcile')) : Promise.resolve())
    },
  }
  await using _ = runController(throwing, { client, informers, clock, random: Math.random, log: silent })
  await client.create(configMaps, { metadata: keyOf('bad') })
  await client.create(configMaps, { metadata: keyOf('good') })
  await until(configMaps, () => attempts.includes('bad') && attempts.includes('good'))
  const tries = () => attempts.filter(name => name === 'bad').length
  await clock.advance(1000)
  expect(tries()).toBe(1 + 7) // after 5, 10, 20 ... 320 ms
  expect(attempts.filter(name => name === 'good')).toHaveLength(1)
  await cluster.addNode('n1')
  await client.create(deployments, deployment('web'))
  await until(deployments, lister => lister.get(keyOf('web'))?.status?.readyReplicas === 3)
})
