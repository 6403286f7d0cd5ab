import { jobs, type CronJob, type Job } from '../../../shared/api/batch.ts'
import type { ControllerContext } from '../../../shared/client/controller.ts'
import { keyOf } from '../../../shared/client/key.ts'
import { isNotFound } from '../../../shared/machinery/status.ts'
import { toError } from '../to-error.ts'

/** Deletes a Job with its pods and waits until the informer has seen it. Tells of it by Events; returns the failure. */
export async function deleteJob(
  cronJob: CronJob,
  job: Job,
  { client, informers, recorder, signal }: ControllerContext,
): Promise<Error | undefined> {
  const informer = informers.informer(jobs)
  try {
    const preconditions = { uid: job.metadata.uid }
    await client.delete(jobs, keyOf(job), { propagationPolicy: 'Background', preconditions })
  } catch (thrown) {
    if (isNotFound(thrown)) return undefined
    const error = toError(thrown)
    recorder.event(cronJob, 'Warning', 'FailedDelete', `Deleted job: ${error.message}`)
    return error
  }
  recorder.event(cronJob, 'Normal', 'SuccessfulDelete', `Deleted job ${job.metadata.name}`)
  await informer.until(() => {
    const seen = informer.get(keyOf(job))
    return seen?.metadata.uid !== job.metadata.uid || seen.metadata.deletionTimestamp !== undefined
  }, signal)
  return undefined
}
