import type { Job, JobStatus } from '../../../shared/api/batch.ts'
import { toTime } from '../../../shared/machinery/clock.ts'
import { conditionOf } from '../pod-state.ts'
import type { Verdict } from './verdict.ts'

type Condition = NonNullable<JobStatus['conditions']>[number]

interface Wanted {
  type: string
  status: 'True' | 'False'
  reason: string
  message: string
}

/** Complete or Failed, for good. */
export function isFinished({ status }: Job): boolean {
  return ['Complete', 'Failed'].some(type => conditionOf(status?.conditions, type)?.status === 'True')
}

/** Conditions with one set; the same list if nothing changes. What was never true is not said to be false. */
export function withCondition(before: Condition[], wanted: Wanted, now: number): Condition[] {
  const old = conditionOf(before, wanted.type)
  const same = old?.status === wanted.status && old.reason === wanted.reason && old.message === wanted.message
  if (same || (!old && wanted.status === 'False')) return before
  const condition = { ...wanted, lastProbeTime: toTime(now), lastTransitionTime: toTime(now) }
  return old ? before.map(each => (each === old ? condition : each)) : [...before, condition]
}

/** Says first what will become of the Job: its pods have to end before it has (KEP-3998). */
export function announce(status: JobStatus, { result, reason, message }: Verdict, now: number): void {
  const type = result === 'success' ? 'SuccessCriteriaMet' : 'FailureTarget'
  if (conditionOf(status.conditions, type)?.status === 'True') return
  status.conditions = withCondition(status.conditions ?? [], { type, status: 'True', reason, message }, now)
}

/** Ends the Job. */
export function conclude(status: JobStatus, { result, reason, message }: Verdict, now: number): void {
  const type = result === 'success' ? 'Complete' : 'Failed'
  status.conditions = withCondition(status.conditions ?? [], { type, status: 'True', reason, message }, now)
  if (type === 'Complete') status.completionTime = toTime(now)
}
