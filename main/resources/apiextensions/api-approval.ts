import type { CustomResourceDefinition } from '../../../shared/api/apiextensions.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { invalid, key, quote, required } from '../../../shared/machinery/field-errors.ts'

const annotation = 'api-approved.kubernetes.io'
const see = 'see https://github.com/kubernetes/enhancements/pull/1111'

/** Groups that belong to Kubernetes need an annotation that says who agreed (KEP-1111). An update may keep what was wrong. */
export function validateApiApproval(
  { metadata, spec }: CustomResourceDefinition,
  old?: CustomResourceDefinition,
): StatusCause[] {
  if (!/(^|\.)(k8s|kubernetes)\.io$/.test(spec.group)) return []
  const value = metadata.annotations?.[annotation] ?? ''
  const state = stateOf(value)
  if (old && state === stateOf(old.metadata.annotations?.[annotation] ?? '')) return []
  const path = key('metadata.annotations', annotation)
  const must = `protected groups must have approval annotation ${quote(annotation)}`
  if (state === 'missing') return [required(path, `${must}, ${see}`)]
  if (state !== 'invalid') return []
  return [invalid(path, value, `${must} with either a URL or a reason starting with "unapproved", ${see}`)]
}

function stateOf(value: string): 'missing' | 'bypassed' | 'given' | 'invalid' {
  if (value === '') return 'missing'
  if (value.startsWith('unapproved')) return 'bypassed'
  return URL.canParse(value) && new URL(value).host !== '' ? 'given' : 'invalid'
}
