import type { Job, JobStatus } from '../../../shared/api/batch.ts'
import type { Pod } from '../../../shared/api/core.ts'
import { countIndexes, formatIndexes, hasIndex, indexSetOf, union } from './index-set.ts'
import { indexOf, isIndexed, isPodFailed, isTracked } from './job-pods.ts'
import { isCountedFailure, type Indexes, type Observed } from './observe.ts'
import type { Verdict } from './verdict.ts'

/** Most pods counted in one reconcile, so that their uids fit into the status. */
const mostUncounted = 500

interface Tracked {
  status: JobStatus
  /** Pods to let go of once the status is written. */
  counted: Pod[]
  /** Whether pods are left for the next time. */
  more: boolean
}

/**
 * Counts pods that have ended: their uids go into the status first, so that none is counted twice or lost, whatever
 * stops the controller (KEP-2307; pkg/controller/job trackJobStatusAndRemoveFinalizers).
 */
export function track(job: Job, observed: Observed, verdict: Verdict | undefined): Tracked {
  const { pods, indexes } = observed
  const status = settle(job.status ?? {}, pods)
  const { succeeded = [], failed = [] } = status.uncountedTerminatedPods ?? {}
  const uncounted = { succeeded: [...succeeded], failed: [...failed] }
  const fresh: number[] = []
  const counted: Pod[] = []
  let more = false
  for (const pod of pods.filter(isTracked)) {
    if (!isOver(pod, job, { verdict, indexes })) continue
    if (fresh.length + uncounted.succeeded.length + uncounted.failed.length >= mostUncounted) {
      more = true
      break
    }
    counted.push(pod)
    const { uid } = pod.metadata
    const index = isIndexed(job) ? indexOf(pod, job) : undefined
    if (pod.status?.phase === 'Succeeded' && !uncounted.failed.includes(uid)) {
      if (index !== undefined && !hasIndex(indexes?.counted ?? [], index)) fresh.push(index)
      if (!isIndexed(job) && !uncounted.succeeded.includes(uid)) uncounted.succeeded.push(uid)
    } else if (isPodFailed(pod, job) || verdict?.result === 'failure') {
      const known = uncounted.failed.includes(uid) || (isIndexed(job) && index === undefined)
      if (!known && isCountedFailure(pod, job)) uncounted.failed.push(uid)
    }
  }
  status.uncountedTerminatedPods = present(uncounted)
  if (indexes) countIndexesOf(status, indexes, fresh)
  return { status, counted, more }
}

const present = ({ succeeded, failed }: { succeeded: string[]; failed: string[] }) => ({
  ...(succeeded.length > 0 && { succeeded }),
  ...(failed.length > 0 && { failed }),
})

function countIndexesOf(status: JobStatus, { counted, failed }: Indexes, fresh: number[]): void {
  const completed = union(counted, indexSetOf(fresh))
  const total = countIndexes(completed)
  delete status.succeeded
  delete status.completedIndexes
  if (total > 0) Object.assign(status, { succeeded: total, completedIndexes: formatIndexes(completed) })
  if (failed) status.failedIndexes = formatIndexes(failed)
}

/** Uids whose pods have lost their finalizer become numbers (cleanUncountedPodsWithoutFinalizers). */
export function settle(status: JobStatus, pods: readonly Pod[]): JobStatus {
  const tracked = new Set(pods.filter(isTracked).map(({ metadata }) => metadata.uid))
  const { succeeded = [], failed = [] } = status.uncountedTerminatedPods ?? {}
  const left = { succeeded: succeeded.filter(uid => tracked.has(uid)), failed: failed.filter(uid => tracked.has(uid)) }
  const sum = {
    succeeded: (status.succeeded ?? 0) + succeeded.length - left.succeeded.length,
    failed: (status.failed ?? 0) + failed.length - left.failed.length,
  }
  return {
    ...status,
    ...(sum.succeeded > 0 && { succeeded: sum.succeeded }),
    ...(sum.failed > 0 && { failed: sum.failed }),
    uncountedTerminatedPods: present(left),
  }
}

/** Whether a pod has ended for the Job; the last failed pod of an index stays until there is another (canRemoveFinalizer). */
function isOver(
  pod: Pod,
  job: Job,
  { verdict, indexes }: { verdict: Verdict | undefined; indexes: Indexes | undefined },
): boolean {
  if (job.metadata.deletionTimestamp || verdict || pod.status?.phase === 'Succeeded') return true
  if (!isPodFailed(pod, job)) return false
  const index = indexOf(pod, job)
  const waiting = index === undefined ? undefined : indexes?.waiting.get(index)
  return waiting?.metadata.uid !== pod.metadata.uid
}
