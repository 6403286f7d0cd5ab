import type { HorizontalPodAutoscaler } from '../../../shared/api/autoscaling.ts'

export type Behavior = NonNullable<HorizontalPodAutoscaler['spec']['behavior']>
export type ScalingRules = NonNullable<Behavior['scaleUp']>

/** What was recommended for a target and done to it lately; times are in ms since the epoch. */
export interface Past {
  recommendations: { replicas: number; at: number }[]
  /** By how much it grew and shrank. */
  up: { change: number; at: number }[]
  down: { change: number; at: number }[]
}

/** Notes a change of size for the policies of the behavior, as long as the longest of them looks back. */
export function noteChange(past: Past, { change, at }: { change: number; at: number }, behavior: Behavior | undefined) {
  if (!behavior) return
  const [direction, rules] = change > 0 ? (['up', behavior.scaleUp] as const) : (['down', behavior.scaleDown] as const)
  const longest = Math.max(0, ...(rules?.policies ?? []).map(({ periodSeconds }) => periodSeconds))
  const recent = past[direction].filter(event => event.at >= at - longest * 1000)
  past[direction] = [...recent, { change: Math.abs(change), at }]
}
