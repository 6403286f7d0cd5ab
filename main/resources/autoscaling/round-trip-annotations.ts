import type { ObjectMeta } from '../../../shared/api/object.ts'

/** Annotations in which autoscaling/v1 carries what it has no fields for (pkg/apis/autoscaling/annotations.go). */
export const roundTrip = {
  metrics: 'autoscaling.alpha.kubernetes.io/metrics',
  currentMetrics: 'autoscaling.alpha.kubernetes.io/current-metrics',
  conditions: 'autoscaling.alpha.kubernetes.io/conditions',
  behavior: 'autoscaling.alpha.kubernetes.io/behavior',
  scaleDownTolerance: 'autoscaling.alpha.kubernetes.io/scale-down-tolerance',
  scaleUpTolerance: 'autoscaling.alpha.kubernetes.io/scale-up-tolerance',
} as const

/** They mean nothing in autoscaling/v2 (DropRoundTripHorizontalPodAutoscalerAnnotations). */
export function dropRoundTripAnnotations(metadata: ObjectMeta): void {
  if (!metadata.annotations) return
  const names: readonly string[] = Object.values(roundTrip)
  const rest = Object.entries(metadata.annotations).filter(([name]) => !names.includes(name))
  metadata.annotations = Object.fromEntries(rest)
}
