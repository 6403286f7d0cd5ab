import type { Job } from '../../../shared/api/batch.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { invalid, key, required } from '../../../shared/machinery/field-errors.ts'
import { matchesRequirements, requirementsOf } from '../../../shared/machinery/selectors.ts'
import { sortedLabels, validateLabelSelector } from '../labels.ts'

/** The labels by which pods of a Job are told from all others; the short ones are older (pkg/registry/batch/job). */
function ownLabels({ metadata: { name, uid } }: Job): Record<string, string> {
  return {
    'controller-uid': uid,
    'job-name': name,
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': name,
  }
}

/**
 * Labels the template and selects by the uid, so that no two Jobs share pods. What a client gave stays, and is refused
 * later. Labels that the Job has from its template are the same object, so that it gets these too (see setJobDefaults).
 */
export function generateSelector(object: Job): void {
  const { metadata, spec } = object
  const own = ownLabels(object)
  const template = (spec.template.metadata ??= {})
  const labels = (template.labels ??= {})
  for (const [name, value] of Object.entries(own)) labels[name] ??= value
  if (Object.keys(metadata.labels ?? {}).length === 0) metadata.labels = labels
  const selector = (spec.selector ??= {})
  selector.matchLabels ??= {}
  selector.matchLabels['batch.kubernetes.io/controller-uid'] ??= metadata.uid
}

/** What is wrong with a selector and labels that were to be generated (pkg/apis/batch/validation validateGeneratedSelector). */
export function validateGeneratedSelector(object: Job): StatusCause[] {
  const { manualSelector, selector, template } = object.spec
  if (manualSelector || !selector) return []
  const labels = template.metadata?.labels
  const expected = ownLabels(object)
  const path = 'spec.template.metadata.labels'
  const faults = Object.entries(expected).flatMap(([name, value]) => {
    if (labels?.[name] === value) return []
    const at = key(path, name)
    const detail = `must be '${value}'`
    return [labels?.[name] === undefined ? required(at, detail) : invalid(at, sortedLabels(labels), detail)]
  })
  const malformed = validateLabelSelector(selector, '').length > 0
  const generated = malformed || matchesRequirements(requirementsOf(selector), expected)
  return generated ? faults : [...faults, invalid('spec.selector', selector, '`selector` not auto-generated')]
}
