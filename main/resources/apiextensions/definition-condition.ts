import type { CustomResourceCondition, CustomResourceDefinition } from '../../../shared/api/apiextensions.ts'
import { toTime } from '../../../shared/machinery/clock.ts'

type Status = CustomResourceDefinition['status']

/** A definition's status with one condition set; its time is that of the last change of its status. */
export function withCondition(
  status: Status,
  now: number,
  condition: Omit<CustomResourceCondition, 'lastTransitionTime'>,
): NonNullable<Status> {
  const conditions = status?.conditions ?? []
  const old = conditions.find(({ type }) => type === condition.type)
  const changed = old?.status !== condition.status
  const lastTransitionTime = changed ? toTime(now) : old.lastTransitionTime
  const set = { ...condition, ...(lastTransitionTime !== undefined && { lastTransitionTime }) }
  const next = old ? conditions.map(one => (one === old ? set : one)) : [...conditions, set]
  return { ...status, conditions: next }
}
