import type { Job } from '../../../shared/api/batch.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { invalid, required } from '../../../shared/machinery/field-errors.ts'
import { isDns1123Label } from '../../../shared/machinery/names.ts'
import { matchesRequirements, requirementsOf } from '../../../shared/machinery/selectors.ts'
import { validateLabelSelector } from '../labels.ts'
import { unmatchedLabels } from '../pod-template.ts'
import { validateGeneratedSelector } from './job-selector.ts'
import { validateJobSpec } from './job-spec-validation.ts'

/** What is wrong with a Job (pkg/apis/batch/validation ValidateJob). */
export function validateJob(object: Job): StatusCause[] {
  return [
    ...validateGeneratedSelector(object),
    ...validateJobSpec(object.spec, 'spec'),
    ...validateSelector(object),
    ...validateHostName(object),
  ]
}

function validateSelector({ spec: { selector, template } }: Job): StatusCause[] {
  const path = 'spec.selector'
  const malformed = validateLabelSelector(selector, path)
  const { labels } = template.metadata ?? {}
  const matches = malformed.length > 0 || matchesRequirements(requirementsOf(selector), labels)
  return [...(selector ? malformed : [required(path)]), ...(matches ? [] : [unmatchedLabels('spec.template', labels)])]
}

/** The index becomes part of a pod's host name. */
function validateHostName({ metadata: { name }, spec: { completionMode, completions = 0 } }: Job): StatusCause[] {
  if (completionMode !== 'Indexed' || completions <= 0) return []
  const longest = `${name}-${completions - 1}`
  const detail = `will not able to create pod with invalid DNS label: ${longest}`
  return isDns1123Label(longest).length > 0 ? [invalid('metadata.name', name, detail)] : []
}
