import { jobs, type CronJob, type Job } from '../../../shared/api/batch.ts'
import type { ControllerContext } from '../../../shared/client/controller.ts'
import { toTime } from '../../../shared/machinery/clock.ts'
import { isAlreadyExists } from '../../../shared/machinery/status.ts'
import { isNamespaceTerminating } from '../namespace-terminating.ts'
import { toError } from '../to-error.ts'
import { deleteJob } from './delete-job.ts'
import type { CronJobStatus } from './follow-jobs.ts'
import { jobOf } from './job-of.ts'

interface Started {
  status: CronJobStatus
  error?: Error
}

/** Starts the Job of a time, in place of those that still run if the policy says so, and notes it as active. */
export async function startJob(cronJob: CronJob, time: number, context: ControllerContext): Promise<Started> {
  const { status = {} } = cronJob
  const replaced = cronJob.spec.concurrencyPolicy === 'Replace' ? await replaceActive(cronJob, context) : undefined
  if (replaced?.error) return { status: replaced.status, error: replaced.error }
  const before = replaced?.status ?? status
  try {
    const job = await createJob(cronJob, time, context)
    const { active = [] } = before
    if (!job || active.some(({ uid }) => uid === job.metadata.uid)) return { status: before }
    const { namespace = '', name, uid, resourceVersion = '' } = job.metadata
    const reference = { kind: 'Job', namespace, name, uid, apiVersion: 'batch/v1', resourceVersion }
    return { status: { ...before, active: [...active, reference], lastScheduleTime: toTime(time) } }
  } catch (error) {
    return { status: before, error: toError(error) }
  }
}

async function replaceActive(cronJob: CronJob, context: ControllerContext): Promise<Started> {
  const { active = [], ...status } = cronJob.status ?? {}
  let left = active
  for (const { uid, name = '', namespace = '' } of active) {
    const job = context.informers.informer(jobs).get({ namespace, name })
    const error = job && (await deleteJob(cronJob, job, context))
    if (error) return { status: { ...status, active: left }, error }
    left = left.filter(each => each.uid !== uid)
  }
  return { status }
}

/** The Job of this time: a new one, or the one made before a status that could not be written; undefined if its name is taken. */
async function createJob(cronJob: CronJob, time: number, context: ControllerContext): Promise<Job | undefined> {
  const { client, informers, recorder, signal } = context
  const wanted = jobOf(cronJob, time)
  const { namespace = '', name = '' } = wanted.metadata
  try {
    const made = await client.create(jobs, wanted)
    recorder.event(cronJob, 'Normal', 'SuccessfulCreate', `Created job ${made.metadata.name}`)
    await informers.informer(jobs).reached(made.metadata.resourceVersion, signal)
    return made
  } catch (error) {
    if (isAlreadyExists(error)) {
      const there = await client.get(jobs, { namespace, name })
      return there.metadata.ownerReferences?.some(({ uid }) => uid === cronJob.metadata.uid) ? there : undefined
    }
    if (!isNamespaceTerminating(toError(error))) {
      recorder.event(cronJob, 'Warning', 'FailedCreate', `Error creating job: ${toError(error).message}`)
    }
    throw error
  }
}
