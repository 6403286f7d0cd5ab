import { cronJobs, jobs, type CronJob } from '../../../shared/api/batch.ts'
import type { Controller, ControllerContext } from '../../../shared/client/controller.ts'
import { each, ownedBy } from '../../../shared/client/watches.ts'
import { CronError } from '../../../shared/machinery/cron-fields.ts'
import { parseCron, type CronSchedule } from '../../../shared/machinery/cron-schedule.ts'
import { quote } from '../../../shared/machinery/field-errors.ts'
import { jsonEqual } from '../../../shared/machinery/json-value.ts'
import { isTimeZone } from '../../../shared/machinery/time-zone.ts'
import { followJobs, type CronJobStatus } from './follow-jobs.ts'
import { trimHistory } from './history.ts'
import { jobNameOf } from './job-of.ts'
import { dueTime, untilNext } from './missed-times.ts'
import { startJob } from './start-job.ts'

/**
 * Starts Jobs by the clock (pkg/controller/cronjob). Of the times that came while nothing ran, a machine asleep for
 * instance, only the last is made up for. Without a time zone the clock is UTC's, as in a cluster whose control plane runs in containers.
 */
export const cronJobController: Controller = {
  name: 'cronjob-controller',
  watches: [each(cronJobs), ownedBy(cronJobs, jobs)],

  async reconcile(key, context) {
    const { client, informers, signal } = context
    const cronJob = informers.informer(cronJobs).get(key)
    if (!cronJob) return undefined
    const children = () => informers.informer(jobs).by('owner-uid', cronJob.metadata.uid)
    const followed = await followJobs(cronJob, children(), context)
    await trimHistory(cronJob, children(), context)
    const { status, wait, error } = await schedule({ ...cronJob, status: followed }, context)
    if (!jsonEqual(status, cronJob.status ?? {})) {
      const written = await client.update(cronJobs, { ...cronJob, status }, 'status')
      await informers.informer(cronJobs).reached(written.metadata.resourceVersion, signal)
    }
    if (error) throw error
    return wait === undefined ? undefined : { requeueAfter: Math.max(0, wait) }
  },
}

interface Scheduled {
  status: CronJobStatus
  /** Milliseconds until the next time; undefined if there is none. */
  wait?: number | undefined
  error?: Error
}

async function schedule(cronJob: CronJob, context: ControllerContext): Promise<Scheduled> {
  const { status = {}, spec, metadata } = cronJob
  const cron = metadata.deletionTimestamp || spec.suspend ? undefined : scheduleOf(cronJob, context)
  if (!cron) return { status }
  const now = context.clock.now()
  const due = dueTime(cronJob, cron, now)
  if (!due) {
    const message = `invalid schedule: ${spec.schedule} : time difference between two schedules is less than 1 second`
    context.recorder.event(cronJob, 'Warning', 'InvalidSchedule', message)
    return { status }
  }
  if (due.missedMany) {
    const message = 'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew'
    context.recorder.event(cronJob, 'Warning', 'TooManyMissedTimes', message)
  }
  const { time } = due
  if (time === undefined || !mayStart(cronJob, { time, now }, context)) {
    return { status, wait: untilNext(cronJob, cron, now) }
  }
  const started = await startJob(cronJob, time, context)
  return { ...started, wait: untilNext({ ...cronJob, status: started.status }, cron, now) }
}

function scheduleOf(cronJob: CronJob, { recorder }: ControllerContext): CronSchedule | undefined {
  const { schedule: text, timeZone } = cronJob.spec
  if (timeZone !== undefined && !isTimeZone(timeZone)) {
    const message = `invalid timeZone: ${quote(timeZone)}: unknown time zone ${timeZone}`
    recorder.event(cronJob, 'Warning', 'UnknownTimeZone', message)
    return undefined
  }
  try {
    return parseCron(text, timeZone)
  } catch (error) {
    if (!(error instanceof CronError)) throw error
    const message = `unparseable schedule: ${quote(text)} : ${error.message}`
    recorder.event(cronJob, 'Warning', 'UnparseableSchedule', message)
    return undefined
  }
}

interface Due {
  time: number
  now: number
}

function mayStart(cronJob: CronJob, { time, now }: Due, { recorder }: ControllerContext): boolean {
  const { status = {}, spec } = cronJob
  if (time + (spec.startingDeadlineSeconds ?? Infinity) * 1000 < now) {
    const at = new Date(time).toUTCString().replace('GMT', '+0000')
    recorder.event(cronJob, 'Warning', 'MissSchedule', `Missed scheduled time to start a job: ${at}`)
    return false
  }
  const active = status.active ?? []
  if (active.some(({ name }) => name === jobNameOf(cronJob, time))) return false
  if (Date.parse(status.lastScheduleTime ?? '') === time) return false
  if (spec.concurrencyPolicy !== 'Forbid' || active.length === 0) return true
  const message = 'Not starting job because prior execution is running and concurrency policy is Forbid'
  recorder.event(cronJob, 'Normal', 'JobAlreadyActive', message)
  return false
}
