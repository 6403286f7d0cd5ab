import { cronJobs, type CronJob, type Job } from '../../../shared/api/batch.ts'
import type { Draft } from '../../../shared/api/object.ts'
import { controllerRef } from '../../../shared/client/watches.ts'
import { zonedTime } from '../../../shared/machinery/time-zone.ts'

/** The name of the Job of a time; being the same each time it keeps the Job from being made twice. */
export const jobNameOf = ({ metadata }: CronJob, time: number) => `${metadata.name}-${Math.floor(time / 60_000)}`

/** The Job for a time (pkg/controller/cronjob getJobFromTemplate2). */
export function jobOf(cronJob: CronJob, time: number): Draft<Job> {
  const { jobTemplate, timeZone = 'UTC' } = cronJob.spec
  const { labels = {}, annotations } = jobTemplate.metadata ?? {}
  const scheduled = { 'batch.kubernetes.io/cronjob-scheduled-timestamp': zonedTime(time, timeZone) }
  return {
    metadata: {
      namespace: cronJob.metadata.namespace ?? '',
      name: jobNameOf(cronJob, time),
      labels,
      annotations: { ...annotations, ...scheduled },
      ownerReferences: [controllerRef(cronJob, cronJobs)],
    },
    spec: jobTemplate.spec ?? { template: {} },
  }
}
