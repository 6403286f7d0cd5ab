import type { CronJob, Job } from '../../../shared/api/batch.ts'
import type { ControllerContext } from '../../../shared/client/controller.ts'
import { conditionOf } from '../pod-state.ts'
import { deleteJob } from './delete-job.ts'

/** Deletes the oldest finished Jobs beyond the history limits (pkg/controller/cronjob cleanupFinishedJobs). */
export async function trimHistory(
  cronJob: CronJob,
  children: readonly Job[],
  context: ControllerContext,
): Promise<void> {
  const { successfulJobsHistoryLimit: successful, failedJobsHistoryLimit: failed } = cronJob.spec
  const surplus = [
    ...oldest(
      children.filter(job => ended(job) === 'Complete'),
      successful,
    ),
    ...oldest(
      children.filter(job => ended(job) === 'Failed'),
      failed,
    ),
  ]
  for (const job of surplus) await deleteJob(cronJob, job, context)
}

/** How a Job has ended, if it has. */
export function ended({ status }: Job): 'Complete' | 'Failed' | undefined {
  return (['Complete', 'Failed'] as const).find(type => conditionOf(status?.conditions, type)?.status === 'True')
}

function oldest(finished: Job[], limit: number | undefined): Job[] {
  if (limit === undefined || finished.length <= limit) return []
  const startOf = ({ status }: Job) => (status?.startTime ? Date.parse(status.startTime) : Infinity)
  const byStart = (a: Job, b: Job) => {
    const [first, second] = [startOf(a), startOf(b)]
    return first === second ? (a.metadata.name < b.metadata.name ? -1 : 1) : first - second
  }
  return finished.sort(byStart).slice(0, finished.length - limit)
}
