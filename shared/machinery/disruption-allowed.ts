import type { PodDisruptionBudget } from '../api/policy.ts'
import { toTime } from './clock.ts'

type Status = NonNullable<PodDisruptionBudget['status']>
type Condition = NonNullable<Status['conditions']>[number]

/** A status whose DisruptionAllowed condition says what its count says (component-helpers poddisruptionbudget). */
export function withDisruptionAllowed(status: Status, now: number): Status {
  const isAllowed = (status.disruptionsAllowed ?? 0) > 0
  const reason = isAllowed ? 'SufficientPods' : 'InsufficientPods'
  return withCondition(status, { status: isAllowed ? 'True' : 'False', reason, message: '' }, now)
}

/** A status with this DisruptionAllowed condition; its time is that of the last change from True to False or back. */
export function withCondition(
  status: Status,
  given: Pick<Condition, 'status' | 'reason' | 'message'>,
  now: number,
): Status {
  const { conditions = [], observedGeneration } = status
  const before = conditions.find(({ type }) => type === 'DisruptionAllowed')
  const lastTransitionTime = before?.status === given.status ? before.lastTransitionTime : toTime(now)
  const condition = {
    type: 'DisruptionAllowed',
    ...given,
    ...(observedGeneration !== undefined && { observedGeneration }),
    lastTransitionTime,
  }
  const isPlaced = before !== undefined
  return {
    ...status,
    conditions: isPlaced ? conditions.map(each => (each === before ? condition : each)) : [...conditions, condition],
  }
}
