import type { PodTemplateSpec } from '../../../shared/api/core.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { invalid, required } from '../../../shared/machinery/field-errors.ts'
import { jsonEqual } from '../../../shared/machinery/json-value.ts'
import { matchesRequirements, requirementsOf, type LabelSelector } from '../../../shared/machinery/selectors.ts'
import { validatePodTemplate } from '../core/pod/pod-validation.ts'
import { immutable } from '../faults.ts'
import { isEmptySelector, validateLabelSelector } from '../labels.ts'
import { unmatchedLabels, validateAlwaysRunning } from '../pod-template.ts'

interface WorkloadSpec {
  selector?: LabelSelector
  template?: PodTemplateSpec
}

/** Faults of the selector and template of pods that always run (pkg/apis/apps/validation ValidatePodTemplateSpecForReplicaSet). */
export function validateSelectorAndTemplate({ selector, template }: WorkloadSpec): StatusCause[] {
  const malformed = validateLabelSelector(selector, 'spec.selector')
  if (malformed.length > 0) return [...malformed, invalid('spec.selector', selector, 'invalid label selector')]
  return [...validateSelector(selector), ...validateTemplate(template ?? {}, selector)]
}

interface Workload {
  spec: WorkloadSpec
}

/** The selector can't change: pods would be left alone. */
export function validateSelectorKept({ spec: { selector } }: Workload, old: Workload): StatusCause[] {
  return jsonEqual(selector, old.spec.selector) ? [] : [invalid('spec.selector', selector, immutable)]
}

function validateSelector(selector: LabelSelector | undefined): StatusCause[] {
  const path = 'spec.selector'
  if (!selector) return [required(path)]
  return isEmptySelector(selector) ? [invalid(path, selector, 'empty selector is invalid for deployment')] : []
}

function validateTemplate(template: PodTemplateSpec, selector: LabelSelector | undefined): StatusCause[] {
  const path = 'spec.template'
  const labels = template.metadata?.labels
  const unmatched = !matchesRequirements(requirementsOf(selector), labels)
  return [
    ...(unmatched ? [unmatchedLabels(path, labels)] : []),
    ...validatePodTemplate(template, path),
    ...validateAlwaysRunning(template, path, 'ReplicaSet'),
  ]
}
