import type { HorizontalPodAutoscaler } from '../../../shared/api/autoscaling.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { child, forbidden, index, invalid, required } from '../../../shared/machinery/field-errors.ts'
import { nonNegative } from '../faults.ts'
import { validateRules } from './behavior-validation.ts'
import { validateMetric } from './metric-validation.ts'
import { validateTargetReference } from './target-reference-validation.ts'

type Spec = HorizontalPodAutoscaler['spec']

/** What is wrong with a new autoscaler (pkg/apis/autoscaling/validation validateHorizontalPodAutoscalerSpec). */
export function validateAutoscaler({ spec }: HorizontalPodAutoscaler): StatusCause[] {
  // The one kind of the core group that has a scale.
  const core = spec.scaleTargetRef.kind === 'ReplicationController'
  return validateSpec(spec, { version: core ? 'any group' : 'named group', least: 1 })
}

/** What is wrong with a changed one: a target that was there stays as it is. */
export function validateAutoscalerUpdate(
  { spec }: HorizontalPodAutoscaler,
  old: HorizontalPodAutoscaler,
): StatusCause[] {
  const { apiVersion, kind } = old.spec.scaleTargetRef
  const same = spec.scaleTargetRef.apiVersion === apiVersion && spec.scaleTargetRef.kind === kind
  const core = spec.scaleTargetRef.kind === 'ReplicationController'
  return validateSpec(spec, {
    version: same ? 'anything' : core ? 'any group' : 'named group',
    least: old.spec.minReplicas === 0 ? 0 : 1,
  })
}

interface SpecRules {
  version: 'named group' | 'any group' | 'anything'
  /** The lowest minReplicas; 0 only where it was before (HPAScaleToZero is off). */
  least: 0 | 1
}

function validateSpec(spec: Spec, { version, least }: SpecRules): StatusCause[] {
  const { minReplicas = 1, maxReplicas, scaleTargetRef, metrics = [], behavior } = spec
  const idle = minReplicas === 0 && !metrics.some(({ type }) => type === 'Object' || type === 'External')
  const none = 'must specify at least one Object or External metric to support scaling to zero replicas'
  return [
    ...(minReplicas < least
      ? [invalid('spec.minReplicas', minReplicas, `must be greater than or equal to ${least}`)]
      : []),
    ...(maxReplicas === 0 ? [required('spec.maxReplicas', 'must be set and greater than 0')] : []),
    ...(maxReplicas < 0 ? [invalid('spec.maxReplicas', maxReplicas, 'must be greater than or equal to 1')] : []),
    ...(maxReplicas < minReplicas
      ? [invalid('spec.maxReplicas', maxReplicas, 'must be greater than or equal to `minReplicas`')]
      : []),
    ...validateTargetReference(scaleTargetRef, 'spec.scaleTargetRef', version),
    ...metrics.flatMap((metric, i) => validateMetric(metric, index('spec.metrics', i))),
    ...(idle ? [forbidden('spec.metrics', none)] : []),
    ...(behavior?.scaleUp ? validateRules(behavior.scaleUp, child('spec.behavior', 'scaleUp')) : []),
    ...(behavior?.scaleDown ? validateRules(behavior.scaleDown, child('spec.behavior', 'scaleDown')) : []),
  ]
}

/** pkg/apis/autoscaling/validation ValidateHorizontalPodAutoscalerStatusUpdate. */
export function validateAutoscalerStatus({ status }: HorizontalPodAutoscaler): StatusCause[] {
  return [
    ...nonNegative('status.currentReplicas', status?.currentReplicas),
    ...nonNegative('status.desiredReplicas', status?.desiredReplicas),
  ]
}
