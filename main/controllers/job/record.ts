import { jobs, type Job, type JobStatus } from '../../../shared/api/batch.ts'
import { pods, type Pod } from '../../../shared/api/core.ts'
import type { ControllerContext } from '../../../shared/client/controller.ts'
import { jsonEqual } from '../../../shared/machinery/json-value.ts'
import { isActive, isReady } from '../pod-state.ts'
import { announce, conclude } from './job-conditions.ts'
import { terminating } from './manage.ts'
import type { Observed } from './observe.ts'
import { removeTracking } from './remove-tracking.ts'
import { settle, track } from './track.ts'
import type { Verdict } from './verdict.ts'

interface Reconciled {
  /** As it is stored. */
  job: Job
  /** What is to become of its status, but for the counts. */
  status: JobStatus
  observed: Observed
  verdict: Verdict | undefined
}

/**
 * Writes the status in two steps: first what will be counted and decided, then, with the pods let go of, the counts and
 * the end. Whatever comes between them, the next reconcile goes on from the first.
 */
export async function record(
  { job, status, observed, verdict }: Reconciled,
  context: ControllerContext,
): Promise<void> {
  const { informers, recorder, clock } = context
  const owned = () => informers.informer(pods).by('owner-uid', job.metadata.uid)
  const now = clock.now()
  const before = owned()
  // Pods are counted as they were when it was decided what they come to: a failure since then has its turn next time.
  const { status: counting, counted, more } = track({ ...job, status }, observed, verdict)
  if (verdict) announce(counting, verdict, now)
  const written = await write(job, withNumbers(counting, before), context)
  await removeTracking(counted, context)

  const after = owned()
  const final = withNumbers(settle(written.status ?? {}, after), after)
  const { succeeded = [], failed = [] } = final.uncountedTerminatedPods ?? {}
  const over = verdict && !more && succeeded.length + failed.length + (final.terminating ?? 0) === 0
  if (over) conclude(final, verdict, now)
  await write(written, final, context)
  if (!over) return
  if (verdict.result === 'failure') {
    recorder.event(job, 'Warning', verdict.reason, verdict.message)
    return
  }
  if ((final.succeeded ?? 0) > (job.spec.completions ?? Infinity)) {
    const message = 'Too many succeeded pods running after completion count reached'
    recorder.event(job, 'Warning', 'TooManySucceededPods', message)
  }
  recorder.event(job, 'Normal', 'Completed', 'Job completed')
}

function withNumbers({ active: _active, ...status }: JobStatus, owned: readonly Pod[]): JobStatus {
  const active = owned.filter(isActive)
  return {
    ...status,
    ...(active.length > 0 && { active: active.length }),
    ready: active.filter(isReady).length,
    terminating: terminating(owned).length,
  }
}

/** Waits until the informer has seen it: an older status would count pods again. */
async function write(job: Job, status: JobStatus, { client, informers, signal }: ControllerContext): Promise<Job> {
  if (jsonEqual(status, job.status)) return job
  const written = await client.update(jobs, { ...job, status }, 'status')
  await informers.informer(jobs).reached(written.metadata.resourceVersion, signal)
  return written
}
