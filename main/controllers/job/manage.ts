import { jobs, type Job } from '../../../shared/api/batch.ts'
import type { Pod } from '../../../shared/api/core.ts'
import type { ControllerContext } from '../../../shared/client/controller.ts'
import { burst, createPods, deletePods } from '../pod-control.ts'
import { rankForDeletion } from '../replicaset/rank-pods.ts'
import { backoffAfter, finishedAt } from './backoff.ts'
import { firstMissing, indexSetOf, union } from './index-set.ts'
import { indexOf, isIndexed, replacesOnlyFailed } from './job-pods.ts'
import { failuresBefore, type Observed } from './observe.ts'
import { podOf } from './pod-template.ts'
import { removeTracking } from './remove-tracking.ts'

interface Outcome {
  /** How many pods are active afterwards. */
  active: number
  error?: Error
  /** Milliseconds until more pods may be created. */
  wait?: number
}

/** Brings the number of active pods to what the Job wants (pkg/controller/job manageJob). */
export async function manage(job: Job, observed: Observed, context: ControllerContext): Promise<Outcome> {
  const { active } = observed
  const wanted = job.spec.suspend ? 0 : wantedPods(job, observed)
  const surplus = surplusPods(job, observed, { atLeast: active.length - wanted, now: context.clock.now() })
  if (surplus.length > 0) {
    const doomed = surplus.slice(0, job.spec.suspend ? surplus.length : burst)
    // They are not to count as failed.
    await removeTracking(doomed, context)
    const error = await deletePods(job, doomed, context)
    return { active: active.length - doomed.length, ...(error && { error }) }
  }
  const missing = wanted - active.length - (replacesOnlyFailed(job) ? terminating(observed.pods).length : 0)
  return missing > 0 ? add(job, observed, { count: Math.min(missing, burst), context }) : { active: active.length }
}

/** Pods that are on their way out and have not ended. */
export const terminating = (pods: readonly Pod[]) =>
  pods.filter(
    ({ metadata, status }) => metadata.deletionTimestamp && status?.phase !== 'Succeeded' && status?.phase !== 'Failed',
  )

function wantedPods({ spec }: Job, { active, succeeded }: Observed): number {
  const { parallelism = 1, completions } = spec
  // Without completions no pod is added after the first success.
  if (completions === undefined) return succeeded > 0 ? active.length : parallelism
  return Math.max(0, Math.min(completions - succeeded, parallelism))
}

/** Pods without an index of their own go first, then the least useful ones (activePodsForRemoval). */
function surplusPods(job: Job, { active }: Observed, { atLeast, now }: { atLeast: number; now: number }): Pod[] {
  const ranked = rankForDeletion(active, { related: () => 0, now })
  if (!isIndexed(job)) return ranked.slice(0, Math.max(0, atLeast))
  const keepers = new Map<number, Pod>()
  for (const pod of ranked) {
    const index = indexOf(pod, job)
    if (index !== undefined) keepers.set(index, pod)
  }
  const kept = new Set(keepers.values())
  const useless = ranked.filter(pod => !kept.has(pod))
  const others = ranked.filter(pod => kept.has(pod))
  return [...useless, ...others.slice(0, Math.max(0, atLeast - useless.length))]
}

interface Missing {
  count: number
  context: ControllerContext
}

async function add(job: Job, observed: Observed, { count, context }: Missing): Promise<Outcome> {
  const { active } = observed
  const now = context.clock.now()
  if (job.spec.backoffLimitPerIndex === undefined) {
    const { backoff } = observed
    if (backoff > 0) return { active: active.length, wait: backoff }
  }
  const { indexes, wait } = pendingIndexes(job, observed, { count, now })
  const wanted = indexes
    ? indexes.map(index => podOf(job, { index, replaced: observed.indexes?.waiting.get(index) }))
    : Array.from({ length: count }, () => podOf(job))
  const error = await createPods({ owner: job, ownerKind: jobs }, wanted, context)
  return {
    active: active.length + (error ? 0 : wanted.length),
    ...(error && { error }),
    ...(wait !== undefined && { wait }),
  }
}

interface Batch {
  count: number
  now: number
}

interface Pending {
  /** Absent where pods have none. */
  indexes?: number[]
  wait?: number
}

/** The next indexes to run; with a limit per index each waits for itself, and `wait` is until the next may go. */
function pendingIndexes(job: Job, { indexes, active, pods }: Observed, { count, now }: Batch): Pending {
  if (!indexes) return {}
  const busy = replacesOnlyFailed(job) ? [...active, ...terminating(pods)] : active
  const taken = indexSetOf(busy.flatMap(pod => indexOf(pod, job) ?? []))
  const settled = union(union(indexes.succeeded, indexes.failed ?? []), taken)
  const pending = firstMissing(settled, { count, completions: job.spec.completions ?? 0 })
  const waits = new Map(
    pending.map(index => {
      const last = indexes.waiting.get(index)
      const failures = last ? failuresBefore(last) + 1 : 0
      return [index, last ? backoffAfter({ failures, last: finishedAt(last), now }) : 0] as const
    }),
  )
  const later = [...waits.values()].filter(wait => wait > 0)
  return {
    indexes: pending.filter(index => waits.get(index) === 0),
    ...(later.length > 0 && { wait: Math.min(...later) }),
  }
}
