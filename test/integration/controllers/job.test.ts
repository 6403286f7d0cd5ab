import { expect, test } from 'vitest'
import { jobs } from '../../../shared/api/batch.ts'
import { pods } from '../../../shared/api/core.ts'
import { keyOf } from '../../../shared/client/key.ts'
import { end, has, job, jobKey, running, statusOf, whenRunning } from './jobs.ts'
import { startControllers, type TestCluster } from './start-controllers.ts'

const merge = 'application/merge-patch+json'
const patchSpec = ({ client }: TestCluster, spec: object) => client.patch(jobs, jobKey, { type: merge, body: { spec } })

test('runs pods to completion, as many at once as it may', async () => {
  await using cluster = await startControllers()
  const { client, until } = cluster
  await client.create(jobs, job({ completions: 3, parallelism: 2 }))
  const [first, second] = await whenRunning(cluster, 2)
  expect(first?.metadata.finalizers).toEqual(['batch.kubernetes.io/job-tracking'])
  await end(cluster, first)
  await end(cluster, second)
  const [third] = await whenRunning(cluster, 1)
  await end(cluster, third)
  await until(jobs, lister => has(lister, 'Complete', 'CompletionsReached'))
  const { status = {} } = await client.get(jobs, jobKey)
  expect(status).toMatchObject({ succeeded: 3, ready: 0, terminating: 0, uncountedTerminatedPods: {} })
  expect(status.completionTime).toBeDefined()
  expect(status).not.toHaveProperty('active')
  expect(status.conditions?.map(({ type }) => type)).toEqual(['SuccessCriteriaMet', 'Complete'])
  await until(pods, lister => lister.list('default').every(pod => !pod.metadata.finalizers?.length))
})

test('replaces failed pods after a growing wait, and gives up at the limit', async () => {
  await using cluster = await startControllers()
  const { client, until, clock } = cluster
  await client.create(jobs, job({ backoffLimit: 1 }))
  const [first] = await whenRunning(cluster, 1)
  await end(cluster, first, 1)
  await until(jobs, lister => statusOf(lister).failed === 1)
  await clock.advance(9_000)
  expect(running(cluster)).toEqual([])
  await clock.advance(2_000)
  const [second] = await whenRunning(cluster, 1)
  await end(cluster, second, 1)
  await until(jobs, lister => has(lister, 'Failed', 'BackoffLimitExceeded'))
  expect(statusOf(cluster.informers.informer(jobs))).toMatchObject({ failed: 2 })
})

test('failed pods that are gone count for the wait, until one succeeds', async () => {
  await using cluster = await startControllers()
  const { client, until, clock } = cluster
  await client.create(jobs, job({ backoffLimit: 9, completions: 2 }))
  const failAndForget = async (count: number) => {
    for (const pod of await whenRunning(cluster, 1)) {
      await end(cluster, pod, 1)
      await until(
        jobs,
        lister => statusOf(lister).failed === count && !statusOf(lister).uncountedTerminatedPods?.failed,
      )
      await client.delete(pods, keyOf(pod))
    }
    await until(pods, lister => lister.list('default').length === 0)
  }
  await failAndForget(1)
  await clock.advance(10_000)
  await failAndForget(2)
  await clock.advance(19_000)
  expect(running(cluster)).toEqual([])
  await clock.advance(1000)
  const [third] = await whenRunning(cluster, 1)
  await end(cluster, third)
  const [fourth] = await whenRunning(cluster, 1)
  await clock.advance(1000)
  await end(cluster, fourth, 1)
  await until(jobs, lister => statusOf(lister).failed === 3)
  await clock.advance(10_000)
  await whenRunning(cluster, 1)
})

test('an Indexed Job runs every index once, each pod knowing its own', async () => {
  await using cluster = await startControllers()
  const { client, until } = cluster
  await client.create(jobs, job({ completionMode: 'Indexed', completions: 4, parallelism: 3 }))
  const [zero, one, two] = await whenRunning(cluster, 3)
  expect(one?.spec.hostname).toBe('work-1')
  expect(one?.metadata.name).toMatch(/^work-1-/)
  expect(one?.spec.containers[0]?.env?.[0]).toMatchObject({ name: 'JOB_COMPLETION_INDEX' })
  await end(cluster, zero)
  await end(cluster, two)
  await until(jobs, lister => statusOf(lister).completedIndexes === '0,2')
  const left = await whenRunning(cluster, 2)
  expect(left.map(pod => pod.metadata.annotations?.['batch.kubernetes.io/job-completion-index'])).toEqual(['1', '3'])
  for (const pod of left) await end(cluster, pod)
  await until(jobs, lister => has(lister, 'Complete') && statusOf(lister).completedIndexes === '0-3')
})

test('a limit per index fails single indexes and lets the others finish', async () => {
  await using cluster = await startControllers()
  const { client, until, clock } = cluster
  await client.create(jobs, job({ completionMode: 'Indexed', completions: 2, parallelism: 2, backoffLimitPerIndex: 1 }))
  const [zero, one] = await whenRunning(cluster, 2)
  await end(cluster, zero, 1)
  await end(cluster, one)
  await until(jobs, lister => statusOf(lister).completedIndexes === '1')
  await clock.advance(11_000)
  const [again] = await whenRunning(cluster, 1)
  expect(again?.metadata.annotations).toMatchObject({ 'batch.kubernetes.io/job-index-failure-count': '1' })
  await end(cluster, again, 1)
  await until(jobs, lister => has(lister, 'Failed', 'FailedIndexes'))
  expect(statusOf(cluster.informers.informer(jobs))).toMatchObject({
    failedIndexes: '0',
    completedIndexes: '1',
    failed: 2,
  })
})

test('a pod failure policy fails the Job at once, or ignores a failure', async () => {
  await using cluster = await startControllers()
  const { client, until, clock } = cluster
  const rules = [
    { action: 'Ignore', onExitCodes: { operator: 'In', values: [7] } },
    { action: 'FailJob', onExitCodes: { containerName: 'main', operator: 'In', values: [42] } },
  ]
  await client.create(jobs, job({ backoffLimit: 0, parallelism: 1, podFailurePolicy: { rules } }))
  const [ignored] = await whenRunning(cluster, 1)
  await end(cluster, ignored, 7)
  await until(jobs, lister => (statusOf(lister).active ?? 0) === 0)
  await clock.advance(11_000)
  const [second] = await whenRunning(cluster, 1)
  expect(statusOf(cluster.informers.informer(jobs)).failed).toBeUndefined()
  await end(cluster, second, 42)
  await until(jobs, lister => has(lister, 'Failed', 'PodFailurePolicy'))
  const message = statusOf(cluster.informers.informer(jobs)).conditions?.at(-1)?.message
  expect(message).toBe(
    `Container main for pod default/${second?.metadata.name ?? ''} failed with exit code 42 matching FailJob rule at index 1`,
  )
})

test('a success policy ends the Job before all of its indexes have', async () => {
  await using cluster = await startControllers()
  const { client, until } = cluster
  const successPolicy = { rules: [{ succeededIndexes: '0', succeededCount: 1 }] }
  await client.create(jobs, job({ completionMode: 'Indexed', completions: 3, parallelism: 3, successPolicy }))
  const [zero] = await whenRunning(cluster, 3)
  await end(cluster, zero)
  await until(jobs, lister => has(lister, 'Complete', 'SuccessPolicy'))
  await until(pods, lister => lister.list('default').length === 1)
  expect(statusOf(cluster.informers.informer(jobs))).toMatchObject({ succeeded: 1, completedIndexes: '0' })
})

test('a suspended Job has no pods; its deadline starts anew when it goes on', async () => {
  await using cluster = await startControllers()
  const { client, until, clock, informers } = cluster
  await client.create(jobs, job({ activeDeadlineSeconds: 100 }))
  await whenRunning(cluster, 1)
  await clock.advance(60_000)
  await patchSpec(cluster, { suspend: true })
  await until(jobs, lister => has(lister, 'Suspended') && statusOf(lister).startTime === undefined)
  await until(pods, lister => lister.list('default').length === 0)
  expect(statusOf(informers.informer(jobs)).failed).toBeUndefined()
  await clock.advance(60_000)
  await patchSpec(cluster, { suspend: false })
  await whenRunning(cluster, 1)
  await clock.advance(90_000)
  expect(has(informers.informer(jobs), 'Failed')).toBe(false)
  await clock.advance(11_000)
  await until(jobs, lister => has(lister, 'Failed', 'DeadlineExceeded'))
  await until(pods, lister => lister.list('default').length === 0)
})

test('a finished Job goes with its pods after its time to live', async () => {
  await using cluster = await startControllers()
  const { client, until, clock, informers } = cluster
  await client.create(jobs, job({ ttlSecondsAfterFinished: 30 }))
  const [pod] = await whenRunning(cluster, 1)
  await end(cluster, pod)
  await until(jobs, lister => has(lister, 'Complete'))
  await clock.advance(29_000)
  expect(informers.informer(jobs).get(jobKey)).toBeDefined()
  await clock.advance(2_000)
  await until(jobs, lister => lister.list('default').length === 0)
  await until(pods, lister => lister.list('default').length === 0)
})

test('podReplacementPolicy Failed waits for a deleted pod to end', async () => {
  await using cluster = await startControllers({ startsPods: false })
  const { client, until, informers } = cluster
  await cluster.addNode('n1')
  await client.create(jobs, job({ podReplacementPolicy: 'Failed' }))
  await until(pods, lister => lister.list('default').some(pod => pod.spec.nodeName === 'n1'))
  const [pod] = informers.informer(pods).list('default')
  if (!pod) throw new Error('no pod')
  await client.delete(pods, keyOf(pod))
  await until(jobs, lister => statusOf(lister).terminating === 1)
  expect(informers.informer(pods).list('default')).toHaveLength(1)
  await end(cluster, pod, 137)
  await client.delete(pods, keyOf(pod), { gracePeriodSeconds: 0 })
  await until(jobs, lister => statusOf(lister).failed === 1 && statusOf(lister).terminating === 0)
})

test('a Job that is managed by another controller is left alone, and so are pods of others', async () => {
  await using cluster = await startControllers()
  const { client, until, informers } = cluster
  await client.create(jobs, {
    ...job({ managedBy: 'example.com/other' }),
    metadata: { namespace: 'default', name: 'other' },
  })
  await client.create(jobs, job())
  const [pod] = await whenRunning(cluster, 1)
  await end(cluster, pod)
  await until(jobs, lister => has(lister, 'Complete'))
  expect(informers.informer(pods).list('default')).toHaveLength(1)
  expect(informers.informer(jobs).get({ namespace: 'default', name: 'other' })?.status).toEqual({})
})

test('pods of a Job that is gone are let go of', async () => {
  await using cluster = await startControllers()
  const { client, until } = cluster
  await client.create(jobs, job({ parallelism: 2, completions: 2 }))
  await whenRunning(cluster, 2)
  await client.delete(jobs, jobKey, { propagationPolicy: 'Background' })
  await until(pods, lister => lister.list('default').length === 0)
})

test('past its deadline a Job waits for its pods to end, without looking at them all the time', async () => {
  await using cluster = await startControllers({ startsPods: false })
  const { client, until, clock, informers } = cluster
  await cluster.addNode('n1')
  await client.create(jobs, job({ activeDeadlineSeconds: 10 }))
  await until(pods, lister => lister.list('default').some(pod => pod.spec.nodeName === 'n1'))
  await until(jobs, lister => statusOf(lister).active === 1)
  await clock.advance(11_000)
  await until(jobs, lister => has(lister, 'FailureTarget', 'DeadlineExceeded') && statusOf(lister).terminating === 1)
  const { pending } = clock
  await clock.advance(0)
  expect(clock.pending).toBe(pending)
  expect(has(informers.informer(jobs), 'Failed')).toBe(false)
  const [pod] = informers.informer(pods).list('default')
  await client.delete(pods, { namespace: 'default', name: pod?.metadata.name ?? '' }, { gracePeriodSeconds: 0 })
  await until(jobs, lister => has(lister, 'Failed', 'DeadlineExceeded'))
})
