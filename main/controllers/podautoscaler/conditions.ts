import type { HorizontalPodAutoscaler } from '../../../shared/api/autoscaling.ts'
import { toTime } from '../../../shared/machinery/clock.ts'

export type AutoscalerStatus = NonNullable<HorizontalPodAutoscaler['status']>

/** What a condition says; its time is kept by `withCondition`. */
export interface Verdict {
  type: 'AbleToScale' | 'ScalingActive' | 'ScalingLimited'
  status: 'True' | 'False'
  reason: string
  message: string
}

/** A status with this condition; its time is that of the last change of its status. */
export function withCondition(status: AutoscalerStatus, verdict: Verdict, now: number): AutoscalerStatus {
  const conditions = status.conditions ?? []
  const before = conditions.find(({ type }) => type === verdict.type)
  const lastTransitionTime = before?.status === verdict.status ? before.lastTransitionTime : toTime(now)
  const condition = { ...verdict, ...(lastTransitionTime !== undefined && { lastTransitionTime }) }
  return {
    ...status,
    conditions: before ? conditions.map(each => (each === before ? condition : each)) : [...conditions, condition],
  }
}
