import { jobs, type CronJob, type Job } from '../../../shared/api/batch.ts'
import type { ControllerContext } from '../../../shared/client/controller.ts'
import { unlessGone } from '../../../shared/client/unless-gone.ts'
import { ended } from './history.ts'

export type CronJobStatus = NonNullable<CronJob['status']>

/** The status with what has become of the Jobs: finished and lost ones are no longer active (first part of syncCronJob). */
export async function followJobs(
  cronJob: CronJob,
  children: readonly Job[],
  { client, recorder }: Pick<ControllerContext, 'client' | 'recorder'>,
): Promise<CronJobStatus> {
  const status: CronJobStatus = { ...cronJob.status }
  let active = status.active ?? []
  for (const job of children) {
    const { name, uid } = job.metadata
    const listed = active.some(each => each.uid === uid)
    const end = ended(job)
    if (!end) {
      if (listed) continue
      const message = `Saw a job that the controller did not create or forgot: ${name}`
      recorder.event(cronJob, 'Warning', 'UnexpectedJob', message)
      continue
    }
    if (listed) {
      active = active.filter(each => each.uid !== uid)
      recorder.event(cronJob, 'Normal', 'SawCompletedJob', `Saw completed job: ${name}, condition: ${end}`)
    }
    const completed = end === 'Complete' ? job.status?.completionTime : undefined
    const last = status.lastSuccessfulTime
    if (completed && (!last || Date.parse(completed) > Date.parse(last))) status.lastSuccessfulTime = completed
  }
  for (const { uid, name = '', namespace = '' } of active) {
    if (children.some(job => job.metadata.uid === uid)) continue
    if (await unlessGone(client.get(jobs, { namespace, name }))) continue
    recorder.event(cronJob, 'Normal', 'MissingJob', `Active job went missing: ${name}`)
    active = active.filter(each => each.uid !== uid)
  }
  delete status.active
  return active.length > 0 ? { ...status, active } : status
}
