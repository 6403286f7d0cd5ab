import type { PodTemplateSpec } from '../../../shared/api/core.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { child, forbidden, invalid, notSupported, required } from '../../../shared/machinery/field-errors.ts'
import { matchesRequirements, requirementsOf, type LabelSelector } from '../../../shared/machinery/selectors.ts'
import { dropDisabledFields } from '../core/disabled-fields.ts'
import { setPodSpecDefaults } from '../core/pod-defaults.ts'
import { validatePodTemplate } from '../core/pod-validation.ts'
import { isEmptySelector, validateLabelSelector } from '../labels.ts'

/** Fills in what a template leaves out; what only pods get stays out. */
export function setTemplateDefaults(template: PodTemplateSpec): void {
  template.metadata ??= {}
  template.spec ??= { containers: [] }
  setPodSpecDefaults(template.spec)
}

/** Drops what is behind feature gates that are off. */
export function dropDisabledTemplateFields({ spec }: PodTemplateSpec): void {
  if (spec) dropDisabledFields(spec)
}

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

/** A workload would not find the pods of its own template again. */
export function unmatchedLabels(path: string, labels: Record<string, string> | undefined): StatusCause {
  return invalid(child(path, 'metadata', 'labels'), labels, '`selector` does not match template `labels`')
}

/** Pods that are replaced whenever they end may neither end by themselves nor have a deadline. */
export function validateAlwaysRunning({ spec }: PodTemplateSpec, path: string, kind: string): StatusCause[] {
  const { restartPolicy = '', activeDeadlineSeconds } = spec ?? {}
  const at = (field: string) => child(path, 'spec', field)
  const deadline = `activeDeadlineSeconds in ${kind} is not Supported`
  return [
    ...(restartPolicy === 'Always' ? [] : [notSupported(at('restartPolicy'), restartPolicy, ['Always'])]),
    ...(activeDeadlineSeconds === undefined ? [] : [forbidden(at('activeDeadlineSeconds'), deadline)]),
  ]
}
