import { podDisruptionBudgets, type PodDisruptionBudget } from '../../../shared/api/policy.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { child, invalid } from '../../../shared/machinery/field-errors.ts'
import { isPathSegmentName } from '../../../shared/machinery/names.ts'
import { validateConditions } from '../conditions-validation.ts'
import { knownOnly, nonNegative } from '../faults.ts'
import { bumpGeneration, startGeneration } from '../generation.ts'
import { validateIntOrPercent, validateShare } from '../int-or-percent-validation.ts'
import { validateLabelSelector } from '../labels.ts'
import { ageColumn, nameColumn } from '../name-column.ts'
import { defineResource } from '../resource.ts'
import { schemaOf } from '../schemas.ts'

export const podDisruptionBudget = defineResource(podDisruptionBudgets, {
  shortNames: ['pdb'],
  schema: () => schemaOf('io.k8s.api.policy.v1.PodDisruptionBudget'),
  setDefaults: object => {
    ;(object as Partial<PodDisruptionBudget>).spec ??= {}
  },
  // Upstream checks no more than that it fits into a URL.
  validateName: isPathSegmentName,
  prepareForCreate: object => {
    object.status = { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 }
    startGeneration(object)
  },
  prepareForUpdate: bumpGeneration,
  validate,
  validateUpdate: validate,
  status: { validateUpdate: validateStatus },
  unconditionalUpdate: false,
  columns: [
    nameColumn,
    { name: 'Min Available', type: 'string', cell: ({ spec }) => String(spec.minAvailable ?? 'N/A') },
    { name: 'Max Unavailable', type: 'string', cell: ({ spec }) => String(spec.maxUnavailable ?? 'N/A') },
    { name: 'Allowed Disruptions', type: 'integer', cell: ({ status }) => status?.disruptionsAllowed ?? 0 },
    ageColumn,
  ],
})

/** pkg/apis/policy/validation ValidatePodDisruptionBudgetSpec. */
function validate({ spec }: PodDisruptionBudget): StatusCause[] {
  const { minAvailable, maxUnavailable, selector = null, unhealthyPodEvictionPolicy: eviction } = spec
  // Upstream prints its internal type, whose fields have no JSON names.
  const shown = {
    MinAvailable: minAvailable,
    Selector: selector,
    MaxUnavailable: maxUnavailable,
    UnhealthyPodEvictionPolicy: eviction ?? null,
  }
  const both = minAvailable !== undefined && maxUnavailable !== undefined
  return [
    ...(both ? [invalid('spec', shown, 'minAvailable and maxUnavailable cannot be both set')] : []),
    ...(['minAvailable', 'maxUnavailable'] as const).flatMap(field => {
      const value = spec[field]
      const path = child('spec', field)
      return value === undefined ? [] : [...validateIntOrPercent(path, value), ...validateShare(path, value)]
    }),
    ...validateLabelSelector(spec.selector, 'spec.selector'),
    ...(eviction === undefined
      ? []
      : knownOnly('spec.unhealthyPodEvictionPolicy', eviction, ['AlwaysAllow', 'IfHealthyBudget'])),
  ]
}

/** pkg/apis/policy/validation ValidatePodDisruptionBudgetStatusUpdate. */
function validateStatus({ status }: PodDisruptionBudget): StatusCause[] {
  const counts = ['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods'] as const
  return [
    ...validateConditions(status?.conditions ?? [], 'status.conditions'),
    ...counts.flatMap(field => nonNegative(child('status', field), status?.[field])),
  ]
}
