import type { PodTemplateSpec } from '../../../shared/api/core.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { invalid, required } from '../../../shared/machinery/field-errors.ts'
import { matchesRequirements, requirementsOf, type LabelSelector } from '../../../shared/machinery/selectors.ts'
import { validatePodTemplate } from '../core/pod/pod-validation.ts'
import { isEmptySelector, validateLabelSelector } from '../labels.ts'
import { unmatchedLabels, validateAlwaysRunning } from '../pod-template.ts'

interface Workload {
  selector?: LabelSelector
  template?: PodTemplateSpec
}

/** Faults of the selector and template of pods that always run (pkg/apis/apps/validation ValidatePodTemplateSpecForReplicaSet). */
export function validateSelectorAndTemplate({ selector, template }: Workload): StatusCause[] {
  const malformed = validateLabelSelector(selector, 'spec.selector')
  if (malformed.length > 0) return [...malformed, invalid('spec.selector', selector, 'invalid label selector')]
  return [...validateSelector(selector), ...validateTemplate(template ?? {}, selector)]
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
