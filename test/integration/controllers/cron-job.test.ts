import { expect, test } from 'vitest'
import { cronJobs, jobs, type CronJob, type Job } from '../../../shared/api/batch.ts'
import { pods } from '../../../shared/api/core.ts'
import type { Draft } from '../../../shared/api/object.ts'
import { toTime } from '../../../shared/machinery/clock.ts'
import { end, running } from './jobs.ts'
import { startControllers, type TestCluster } from './start-controllers.ts'

const key = { namespace: 'default', name: 'tick' }
const minute = 60_000
const hour = 60 * minute

function cronJob(spec: Partial<CronJob['spec']> = {}): Draft<CronJob> {
  const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'work:1' }] } }
  return { metadata: key, spec: { schedule: '0 * * * *', jobTemplate: { spec: { template } }, ...spec } }
}

const made = ({ informers }: TestCluster) =>
  informers
    .informer(jobs)
    .list('default')
    .map(({ metadata }) => metadata.name)
    .sort()

/** The name of the Job of an instant. */
const nameAt = (time: number) => `tick-${time / minute}`

/**
 * Starts controllers half an hour before the hour that it gives, with a CronJob that has run an hour before that. (The
 * server's own clock, from which creation times come, does not move with the test's.)
 */
async function startBefore(draft: Draft<CronJob>) {
  const cluster = await startControllers()
  const { client, clock } = cluster
  const next = Math.ceil(clock.now() / hour) * hour + hour
  await clock.advance(next - 30 * minute - clock.now())
  const { suspend = false, ...spec } = draft.spec
  const idle = await client.create(cronJobs, { ...draft, spec: { ...spec, suspend: true } })
  const lastScheduleTime = toTime(next - hour)
  const known = await client.update(cronJobs, { ...idle, status: { ...idle.status, lastScheduleTime } }, 'status')
  const ready = suspend ? known : await client.update(cronJobs, { ...known, spec: { ...known.spec, suspend } })
  await cluster.informers.informer(cronJobs).reached(ready.metadata.resourceVersion, AbortSignal.timeout(15_000))
  return { cluster, next }
}

/** Waits until the CronJob has noted the Job of this time. */
const noted = ({ until }: TestCluster, time: number) =>
  until(cronJobs, lister => lister.get(key)?.status?.lastScheduleTime === toTime(time))

const until = (cluster: TestCluster, holds: (list: Job[]) => boolean) =>
  cluster.until(jobs, lister => holds(lister.list('default')))

test('starts a Job at each of its times, and notes how it ends', async () => {
  const { cluster, next } = await startBefore(cronJob())
  await using _ = cluster
  await cluster.clock.advance(29 * minute)
  expect(made(cluster)).toEqual([])
  await cluster.clock.advance(2 * minute)
  await noted(cluster, next)
  const job = await cluster.client.get(jobs, { namespace: 'default', name: nameAt(next) })
  expect(job.metadata.annotations).toEqual({ 'batch.kubernetes.io/cronjob-scheduled-timestamp': toTime(next) })
  expect(job.metadata.ownerReferences).toMatchObject([{ kind: 'CronJob', name: 'tick', controller: true }])
  expect((await cluster.client.get(cronJobs, key)).status?.active).toMatchObject([{ kind: 'Job', name: nameAt(next) }])
  await cluster.until(pods, () => running(cluster).length === 1)
  await end(cluster, running(cluster)[0])
  await cluster.until(cronJobs, lister => {
    const { lastSuccessfulTime, active } = lister.get(key)?.status ?? {}
    return lastSuccessfulTime !== undefined && active === undefined
  })
  await cluster.clock.advance(hour)
  await noted(cluster, next + hour)
  expect(made(cluster)).toEqual([nameAt(next), nameAt(next + hour)])
})

test('Allow runs Jobs side by side, Forbid leaves times out, Replace ends the old Job', async () => {
  for (const [concurrencyPolicy, after] of [
    ['Allow', (next: number) => [nameAt(next), nameAt(next + hour)]],
    ['Forbid', (next: number) => [nameAt(next)]],
    ['Replace', (next: number) => [nameAt(next + hour)]],
  ] as const) {
    const { cluster, next } = await startBefore(cronJob({ concurrencyPolicy }))
    await using _ = cluster
    await cluster.clock.advance(31 * minute)
    await noted(cluster, next)
    await cluster.clock.advance(hour)
    if (concurrencyPolicy !== 'Forbid') await noted(cluster, next + hour)
    await until(
      cluster,
      list => JSON.stringify(list.map(({ metadata }) => metadata.name).sort()) === JSON.stringify(after(next)),
    )
  }
})

test('Forbid makes up for the time when the Job has ended', async () => {
  const { cluster, next } = await startBefore(cronJob({ concurrencyPolicy: 'Forbid' }))
  await using _ = cluster
  await cluster.clock.advance(31 * minute)
  await noted(cluster, next)
  await cluster.clock.advance(hour)
  await cluster.until(pods, () => running(cluster).length === 1)
  await end(cluster, running(cluster)[0])
  await noted(cluster, next + hour)
})

test('after a sleep only the last time is made up for, and none beyond the deadline', async () => {
  const { cluster, next } = await startBefore(cronJob())
  await using _ = cluster
  await cluster.clock.jump(200 * hour)
  await noted(cluster, next + 199 * hour)
  expect(made(cluster)).toEqual([nameAt(next + 199 * hour)])

  const late = await startBefore(cronJob({ startingDeadlineSeconds: 600 }))
  await using __ = late.cluster
  await late.cluster.clock.jump(50 * hour)
  await late.cluster.clock.advance(25 * minute)
  expect(made(late.cluster)).toEqual([])
  await late.cluster.clock.advance(10 * minute)
  await noted(late.cluster, late.next + 50 * hour)
})

test('a suspended CronJob waits; time zones move its times', async () => {
  const { cluster, next } = await startBefore(cronJob({ suspend: true, timeZone: 'Asia/Kolkata' }))
  await using _ = cluster
  await cluster.clock.advance(2 * hour)
  expect(made(cluster)).toEqual([])
  const current = await cluster.client.get(cronJobs, key)
  await cluster.client.update(cronJobs, { ...current, spec: { ...current.spec, suspend: false } })
  // Half past the hour of UTC is a full hour there: the last one has come just now.
  await noted(cluster, next + hour + 30 * minute)
})

test('keeps as many finished Jobs as the history limits allow', async () => {
  const { cluster, next } = await startBefore(cronJob({ successfulJobsHistoryLimit: 1, failedJobsHistoryLimit: 0 }))
  await using _ = cluster
  await cluster.clock.advance(31 * minute)
  for (const [i, exitCode] of [0, 0, 1].entries()) {
    await noted(cluster, next + i * hour)
    await cluster.until(pods, () => running(cluster).length === 1)
    const [pod] = running(cluster)
    const owner = await cluster.client.get(jobs, { namespace: 'default', name: nameAt(next + i * hour) })
    await cluster.client.update(jobs, { ...owner, spec: { ...owner.spec, backoffLimit: 0 } })
    await end(cluster, pod, exitCode)
    await cluster.until(cronJobs, lister => lister.get(key)?.status?.active === undefined)
    await cluster.clock.advance(hour)
  }
  await until(
    cluster,
    list => !list.some(({ metadata }) => [nameAt(next), nameAt(next + 2 * hour)].includes(metadata.name)),
  )
  expect(made(cluster)).toContain(nameAt(next + hour))
})
