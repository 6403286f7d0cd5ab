import type { Job } from '../../../shared/api/batch.ts'
import type { Pod } from '../../../shared/api/core.ts'
import { isActive } from '../pod-state.ts'
import { finishedAt, type Backoffs } from './backoff.ts'
import { countIndexes, hasIndex, indexSetOf, parseIndexes, union, type IndexSet } from './index-set.ts'
import {
  ignoredIndexFailures,
  indexFailures,
  indexOf,
  isIndexed,
  isPodFailed,
  isTracked,
  numberIn,
} from './job-pods.ts'
import { isCounted, judge } from './pod-failure-policy.ts'

/** What a Job's pods come to, with those that its status has not counted yet. */
export interface Observed {
  pods: readonly Pod[]
  active: readonly Pod[]
  succeeded: number
  failed: number
  /** Milliseconds until failed pods may be replaced. */
  backoff: number
  /** Present for an Indexed Job. */
  indexes?: Indexes
}

/** The indexes of an Indexed Job by what became of them. */
export interface Indexes {
  /** Those that the status names. */
  counted: IndexSet
  succeeded: IndexSet
  /** Present with backoffLimitPerIndex. */
  failed?: IndexSet
  /** The last failed pod of each index that waits for another try; it is kept because its annotations tell how often. */
  waiting: ReadonlyMap<number, Pod>
}

/** Counts a Job by its pods and by what its status has counted before. */
export function observe(
  job: Job,
  pods: readonly Pod[],
  { backoffs, now }: { backoffs: Backoffs; now: number },
): Observed {
  const { status = {} } = job
  const active = pods.filter(isActive)
  const counting = (list: 'succeeded' | 'failed') => new Set(status.uncountedTerminatedPods?.[list])
  const uncounted = { succeeded: counting('succeeded'), failed: counting('failed') }
  const fresh = (list: 'succeeded' | 'failed') =>
    pods.filter(pod => isTracked(pod) && !uncounted[list].has(pod.metadata.uid) && belongs(pod, job))
  const failures = fresh('failed').filter(pod => isPodFailed(pod, job) && isCountedFailure(pod, job))
  const ended = {
    succeeded: pods.filter(({ status }) => status?.phase === 'Succeeded'),
    failed: pods.filter(pod => isPodFailed(pod, job)),
  }
  const indexes = isIndexed(job) ? observeIndexes(job, pods) : undefined
  const successes = fresh('succeeded').filter(pod => pod.status?.phase === 'Succeeded').length
  return {
    pods,
    active,
    succeeded: indexes
      ? countIndexes(indexes.succeeded)
      : (status.succeeded ?? 0) + successes + uncounted.succeeded.size,
    failed: (status.failed ?? 0) + failures.length + uncounted.failed.size,
    backoff: backoffs.after(job, ended, now),
    ...(indexes && { indexes }),
  }
}

const belongs = (pod: Pod, job: Job) => !isIndexed(job) || indexOf(pod, job) !== undefined

export const isCountedFailure = (pod: Pod, { spec }: Job) => isCounted(judge(spec.podFailurePolicy, pod))

function observeIndexes(job: Job, pods: readonly Pod[]): Indexes {
  const { status = {}, spec } = job
  const { completions = 0, backoffLimitPerIndex: limit } = spec
  const counted = parseIndexes(status.completedIndexes ?? '', completions)
  const tracked = pods.filter(isTracked)
  const among = (some: readonly Pod[]) => indexSetOf(some.flatMap(pod => indexOf(pod, job) ?? []))
  const succeeded = union(counted, among(tracked.filter(pod => pod.status?.phase === 'Succeeded')))
  if (limit === undefined) return { counted, succeeded, waiting: new Map() }

  const before = parseIndexes(status.failedIndexes ?? '', completions)
  const failed = union(before, among(tracked.filter(pod => failsIndex(pod, job, limit))))
  const running = among(pods.filter(isActive))
  const waiting = new Map<number, Pod>()
  for (const pod of tracked.filter(each => isPodFailed(each, job))) {
    const index = indexOf(pod, job)
    if (index === undefined) continue
    if (hasIndex(succeeded, index) || hasIndex(failed, index) || hasIndex(running, index)) continue
    const other = waiting.get(index)
    if (!other || isLater(pod, other)) waiting.set(index, pod)
  }
  return { counted, succeeded, failed, waiting }
}

/** Whether a pod's failure is its index's last (KEP-3850). */
function failsIndex(pod: Pod, job: Job, limit: number): boolean {
  if (!isPodFailed(pod, job)) return false
  const judgement = judge(job.spec.podFailurePolicy, pod)
  if (judgement.action === 'FailIndex') return true
  return isCounted(judgement) && (numberIn(pod, indexFailures) ?? 0) >= limit
}

/** How often pods of this index had failed before this one, in whatever way. */
export function failuresBefore(pod: Pod): number {
  return (numberIn(pod, indexFailures) ?? 0) + (numberIn(pod, ignoredIndexFailures) ?? 0)
}

const isLater = (pod: Pod, other: Pod) =>
  failuresBefore(other) <= failuresBefore(pod) && finishedAt(pod) >= finishedAt(other)
