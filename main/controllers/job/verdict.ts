import type { Job } from '../../../shared/api/batch.ts'
import type { Pod } from '../../../shared/api/core.ts'
import { conditionOf } from '../pod-state.ts'
import { countIndexes } from './index-set.ts'
import { isPodFailed } from './job-pods.ts'
import type { Observed } from './observe.ts'
import { judge } from './pod-failure-policy.ts'
import { matchSuccessPolicy } from './success-policy.ts'

/** How a Job ends; it has ended when its pods are gone and counted. */
export interface Verdict {
  result: 'success' | 'failure'
  reason: string
  message: string
}

/**
 * Whether a Job is at its end, in upstream's order: what was decided before, policies, limits, indexes (the first half
 * of pkg/controller/job syncJob). Completions are another matter: they need to know what becomes of the pods.
 */
export function verdictOn(job: Job, observed: Observed, now: number): Verdict | undefined {
  return decided(job) ?? policyFailure(job, observed) ?? limitFailure(job, observed, now) ?? indexVerdict(job, observed)
}

function decided({ status }: Job): Verdict | undefined {
  for (const [type, result] of [
    ['SuccessCriteriaMet', 'success'],
    ['FailureTarget', 'failure'],
  ] as const) {
    const condition = conditionOf(status?.conditions, type)
    if (condition?.status !== 'True') continue
    return { result, reason: condition.reason ?? '', message: condition.message ?? '' }
  }
  return undefined
}

const failure = (reason: string, message: string): Verdict => ({ result: 'failure', reason, message })

function policyFailure(job: Job, { pods }: Observed): Verdict | undefined {
  const { podFailurePolicy: policy } = job.spec
  if (!policy) return undefined
  for (const pod of pods) {
    const message = isPodFailed(pod, job) ? judge(policy, pod).message : undefined
    if (message !== undefined) return failure('PodFailurePolicy', message)
  }
  return undefined
}

function limitFailure(job: Job, { failed, pods }: Observed, now: number): Verdict | undefined {
  const { backoffLimit = 6 } = job.spec
  if (failed > backoffLimit || restartsBeyond(job, pods)) {
    return failure('BackoffLimitExceeded', 'Job has reached the specified backoff limit')
  }
  const left = deadlineIn(job, now)
  return left !== undefined && left <= 0
    ? failure('DeadlineExceeded', 'Job was active longer than specified deadline')
    : undefined
}

/** Milliseconds until `activeDeadlineSeconds` are over, if they are running. */
export function deadlineIn({ spec, status }: Job, now: number): number | undefined {
  const { activeDeadlineSeconds: seconds, suspend } = spec
  if (seconds === undefined || suspend || !status?.startTime) return undefined
  return Date.parse(status.startTime) + seconds * 1000 - now
}

/** With OnFailure the restarts of running pods count (pastBackoffLimitOnFailure). */
function restartsBeyond({ spec: { template, backoffLimit = 6 } }: Job, pods: readonly Pod[]): boolean {
  if (template.spec?.restartPolicy !== 'OnFailure') return false
  const running = pods.filter(({ status }) => status?.phase === 'Running' || status?.phase === 'Pending')
  const restarts = running
    .flatMap(({ status }) => [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])])
    .reduce((sum, { restartCount }) => sum + restartCount, 0)
  return backoffLimit === 0 ? restarts > 0 : restarts >= backoffLimit
}

function indexVerdict({ spec }: Job, { indexes }: Observed): Verdict | undefined {
  if (!indexes) return undefined
  const failed = countIndexes(indexes.failed ?? [])
  if (failed > (spec.maxFailedIndexes ?? Infinity)) {
    const message = 'Job has exceeded the specified maximal number of failed indexes'
    return failure('MaxFailedIndexesExceeded', message)
  }
  if (failed > 0 && failed + countIndexes(indexes.succeeded) >= (spec.completions ?? 0)) {
    return failure('FailedIndexes', 'Job has failed indexes')
  }
  const message = matchSuccessPolicy(spec, indexes.succeeded)
  return message === undefined ? undefined : { result: 'success', reason: 'SuccessPolicy', message }
}
