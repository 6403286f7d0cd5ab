import { jobs, type Job, type JobStatus } from '../../../shared/api/batch.ts'
import { pods } from '../../../shared/api/core.ts'
import type { Controller, ControllerContext } from '../../../shared/client/controller.ts'
import { keyOf } from '../../../shared/client/key.ts'
import { controllerOf, each, mapped, ownedBy } from '../../../shared/client/watches.ts'
import { toTime } from '../../../shared/machinery/clock.ts'
import { matchesRequirements, requirementsOf } from '../../../shared/machinery/selectors.ts'
import { claim } from '../claim.ts'
import { deletePods } from '../pod-control.ts'
import { createBackoffs } from './backoff.ts'
import { isFinished, withCondition } from './job-conditions.ts'
import { isManagedElsewhere, trackingFinalizer } from './job-pods.ts'
import { manage } from './manage.ts'
import { observe, type Observed } from './observe.ts'
import { record } from './record.ts'
import { deadlineIn, verdictOn, type Verdict } from './verdict.ts'

/** Runs pods to completion (pkg/controller/job). A reconcile ends only when its informers have seen what it wrote. */
export function jobController(): Controller {
  const backoffs = createBackoffs()
  return {
    name: 'job-controller',
    watches: [
      each(jobs),
      ownedBy(jobs, pods),
      // Orphans: whoever selects them may adopt them.
      mapped(pods, (pod, informers) => {
        if (controllerOf(pod)) return []
        const all = informers.informer(jobs).list(pod.metadata.namespace)
        return all.filter(job => matchesRequirements(requirementsOf(job.spec.selector), pod.metadata.labels)).map(keyOf)
      }),
    ],

    async reconcile(key, context) {
      const { client, informers, clock } = context
      const job = informers.informer(jobs).get(key)
      if (!job || isManagedElsewhere(job) || isFinished(job)) {
        backoffs.forget(key)
        return undefined
      }
      const owned = await claim({
        client,
        owner: job,
        selector: job.spec.selector,
        ownerKind: jobs,
        childKind: pods,
        candidates: informers.informer(pods).list(key.namespace),
        finalizer: trackingFinalizer,
      })
      const started = start(job, clock.now())
      const observed = observe(started, owned, { backoffs, now: clock.now() })
      const { verdict, error, wait, status } = await act(started, observed, context)
      await record({ job, status, observed, verdict }, context)
      if (error) throw error
      // A Job that is at its end waits for its pods, not for the clock.
      const deadline = verdict ? undefined : deadlineIn({ ...job, status }, clock.now())
      const waits = [wait, deadline].filter(time => time !== undefined).map(time => Math.max(0, time))
      return waits.length > 0 ? { requeueAfter: Math.min(...waits) } : undefined
    },
  }
}

/** A Job starts when it is first seen not suspended. */
function start(job: Job, now: number): Job {
  if (job.status?.startTime || job.spec.suspend) return job
  return { ...job, status: { ...job.status, startTime: toTime(now) } }
}

interface Acted {
  verdict?: Verdict
  error?: Error
  wait?: number
  status: JobStatus
}

/** Ends the pods of a Job that is at its end; else sees to its pods. */
async function act(job: Job, observed: Observed, context: ControllerContext): Promise<Acted> {
  const status = job.status ?? {}
  const verdict = verdictOn(job, observed, context.clock.now())
  if (verdict) {
    const error = await deletePods(job, observed.active, context)
    return error ? { error, status } : { verdict, status }
  }
  if (job.metadata.deletionTimestamp) return { status }
  const { active, error, wait } = await manage(job, observed, context)
  const { completions } = job.spec
  const complete = completions === undefined ? observed.succeeded > 0 : observed.succeeded >= completions
  if (complete && active === 0) {
    const message = 'Reached expected number of succeeded pods'
    return { verdict: { result: 'success', reason: 'CompletionsReached', message }, status }
  }
  return { status: suspension(job, context), ...(error && { error }), ...(wait !== undefined && { wait }) }
}

/** The Suspended condition. The clock of `activeDeadlineSeconds` starts anew with each resumption. */
function suspension(job: Job, { recorder, clock }: ControllerContext): JobStatus {
  const { status: { startTime: _startTime, ...status } = {}, spec } = job
  const now = clock.now()
  const wanted = spec.suspend
    ? ({ status: 'True', reason: 'JobSuspended', message: 'Job suspended' } as const)
    : ({ status: 'False', reason: 'JobResumed', message: 'Job resumed' } as const)
  const before = status.conditions ?? []
  const conditions = withCondition(before, { type: 'Suspended', ...wanted }, now)
  if (conditions === before) return job.status ?? {}
  recorder.event(job, 'Normal', spec.suspend ? 'Suspended' : 'Resumed', wanted.message)
  return { ...status, conditions, ...(!spec.suspend && { startTime: toTime(now) }) }
}
