import { jobs, type Job } from '../../../shared/api/batch.ts'
import type { Controller } from '../../../shared/client/controller.ts'
import { each } from '../../../shared/client/watches.ts'
import { isNotFound } from '../../../shared/machinery/status.ts'
import { isFinished } from './job-conditions.ts'

/** Deletes finished Jobs, and their pods before them, `ttlSecondsAfterFinished` later (pkg/controller/ttlafterfinished). */
export const ttlAfterFinishedController: Controller = {
  name: 'ttl-after-finished-controller',
  watches: [each(jobs)],

  async reconcile(key, { client, informers, clock }) {
    const job = informers.informer(jobs).get(key)
    const expiry = job && expiryOf(job)
    if (expiry === undefined) return undefined
    if (expiry > clock.now()) return { requeueAfter: expiry - clock.now() }
    try {
      // The time to live may have been changed a moment ago.
      const live = await client.get(jobs, key)
      if ((expiryOf(live) ?? Infinity) > clock.now()) return undefined
      const preconditions = { uid: live.metadata.uid }
      await client.delete(jobs, key, { propagationPolicy: 'Foreground', preconditions })
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
    return undefined
  },
}

/** When a finished Job may go (ms); undefined if it may stay, or is going. */
function expiryOf(job: Job): number | undefined {
  const { ttlSecondsAfterFinished: seconds } = job.spec
  if (seconds === undefined || job.metadata.deletionTimestamp || !isFinished(job)) return undefined
  const end = job.status?.conditions?.find(
    ({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True',
  )
  const finished = Date.parse(end?.lastTransitionTime ?? '')
  return Number.isNaN(finished) ? undefined : finished + seconds * 1000
}
