import type { Behavior, Past } from './past.ts'

interface Given {
  current: number
  /** What the metrics ask for. */
  wanted: number
  behavior: Behavior | undefined
  past: Past
  now: number
}

interface Stabilized {
  replicas: number
  /** Reason and message of the condition AbleToScale. */
  reason: string
  message: string
}

/** Recommendations to shrink are held back so long (--horizontal-pod-autoscaler-downscale-stabilization). */
const downscaleWindow = 300

const raised = {
  reason: 'ScaleDownStabilized',
  message: 'recent recommendations were higher than current one, applying the highest recent recommendation',
}
const lowered = {
  reason: 'ScaleUpStabilized',
  message: 'recent recommendations were lower than current one, applying the lowest recent recommendation',
}
const untouched = { reason: 'ReadyForNewScale', message: 'recommended size matches current size' }

/**
 * The recommendation that holds after those of the stabilization windows: not more than the lowest of one, not less than
 * the highest of the other (horizontal.go stabilizeRecommendation and its twin with behaviors). Notes `wanted` in `past`.
 */
export function stabilize({ current, wanted, behavior, past, now }: Given): Stabilized {
  const downWindow = behavior?.scaleDown?.stabilizationWindowSeconds ?? downscaleWindow
  const upWindow = behavior?.scaleUp?.stabilizationWindowSeconds ?? 0
  const within = (seconds: number) =>
    past.recommendations.filter(({ at }) => at > now - seconds * 1000).map(({ replicas }) => replicas)
  const highest = Math.max(wanted, ...within(downWindow))
  const lowest = Math.min(wanted, ...within(upWindow))
  past.recommendations = past.recommendations.filter(({ at }) => at >= now - Math.max(upWindow, downWindow) * 1000)
  past.recommendations.push({ replicas: wanted, at: now })

  const replicas = behavior ? Math.min(Math.max(current, lowest), highest) : highest
  if (replicas === wanted) return { replicas, ...untouched }
  return { replicas, ...(behavior && wanted >= current ? lowered : raised) }
}
