import type { JobSpec } from '../../../shared/api/batch.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { child, invalid, notSupported, required, tooLong } from '../../../shared/machinery/field-errors.ts'
import { byteLength } from '../../../shared/machinery/names.ts'
import { validatePodTemplate } from '../core/pod/pod-validation.ts'
import { validateDomainPrefixedPath } from '../domain-prefixed-path.ts'
import { nonNegative } from '../faults.ts'
import { validatePodFailurePolicy } from './pod-failure-policy-validation.ts'
import { validateSuccessPolicy } from './success-policy-validation.ts'

const numbers = [
  'parallelism',
  'completions',
  'activeDeadlineSeconds',
  'backoffLimit',
  'ttlSecondsAfterFinished',
  'backoffLimitPerIndex',
  'maxFailedIndexes',
] as const

/** What is wrong with the spec of a Job or of a CronJob's template (pkg/apis/batch/validation validateJobSpec). */
export function validateJobSpec(spec: JobSpec, path: string): StatusCause[] {
  const at = (field: string) => child(path, field)
  const unlimited = spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined
  return [
    ...numbers.flatMap(field => nonNegative(at(field), spec[field])),
    ...(unlimited ? [required(at('backoffLimitPerIndex'), 'when maxFailedIndexes is specified')] : []),
    ...validateManagedBy(spec.managedBy, at('managedBy')),
    ...validateCompletionMode(spec, path),
    ...validatePodFailurePolicy(spec, at('podFailurePolicy')),
    ...validateSuccessPolicy(spec, at('successPolicy')),
    ...validateReplacement(spec, at('podReplacementPolicy')),
    ...validatePodTemplate(spec.template, at('template')),
    ...validateRestartPolicy(spec, child(path, 'template', 'spec', 'restartPolicy')),
  ]
}

function validateManagedBy(managedBy: string | undefined, path: string): StatusCause[] {
  if (managedBy === undefined) return []
  return [...validateDomainPrefixedPath(path, managedBy), ...(byteLength(managedBy) > 63 ? [tooLong(path, 63)] : [])]
}

function validateCompletionMode(spec: JobSpec, path: string): StatusCause[] {
  const { completionMode: mode = 'NonIndexed' } = spec
  if (mode === 'Indexed') return validateIndexed(spec, path)
  const needsIndexes = (['backoffLimitPerIndex', 'maxFailedIndexes'] as const).filter(
    field => spec[field] !== undefined,
  )
  return mode === 'NonIndexed'
    ? needsIndexes.map(field => invalid(child(path, field), spec[field], 'requires indexed completion mode'))
    : [notSupported(child(path, 'completionMode'), mode, ['NonIndexed', 'Indexed'])]
}

/** Indexes are remembered in the status as text, which keeps within bounds this way (KEP-3850). */
function validateIndexed(spec: JobSpec, path: string): StatusCause[] {
  const { completions, maxFailedIndexes, backoffLimitPerIndex } = spec
  const at = (field: string) => child(path, field)
  const atMost = (field: 'parallelism' | 'maxFailedIndexes', limit: number, why = '') =>
    (spec[field] ?? 0) > limit ? [invalid(at(field), spec[field], `must be less than or equal to ${limit}${why}`)] : []
  const beyond = completions !== undefined && (maxFailedIndexes ?? 0) > completions
  const isLong = (completions ?? 0) > 100_000 && backoffLimitPerIndex !== undefined
  const why = ' when completions are above 100000 and used with backoff limit per index'
  return [
    ...(completions === undefined ? [required(at('completions'), 'when completion mode is Indexed')] : []),
    ...atMost('parallelism', 100_000, ' when completion mode is Indexed'),
    ...(beyond ? [invalid(at('maxFailedIndexes'), maxFailedIndexes, 'must be less than or equal to completions')] : []),
    ...atMost('maxFailedIndexes', 100_000),
    ...(isLong && maxFailedIndexes === undefined
      ? [required(at('maxFailedIndexes'), 'must be specified when completions is above 100000')]
      : []),
    ...(isLong ? [...atMost('parallelism', 10_000, why), ...atMost('maxFailedIndexes', 10_000, why)] : []),
  ]
}

function validateReplacement({ podReplacementPolicy: policy, podFailurePolicy }: JobSpec, path: string): StatusCause[] {
  if (policy === undefined) return []
  const supported = podFailurePolicy ? ['Failed'] : ['Failed', 'TerminatingOrFailed']
  return supported.includes(policy) ? [] : [notSupported(path, policy, supported)]
}

function validateRestartPolicy({ template, podFailurePolicy }: JobSpec, path: string): StatusCause[] {
  const policy = template.spec?.restartPolicy
  if (!policy || policy === 'Always') return [required(path, 'valid values: "OnFailure", "Never"')]
  if (policy !== 'OnFailure' && policy !== 'Never') return [notSupported(path, policy, ['OnFailure', 'Never'])]
  const detail = 'only "Never" is supported when podFailurePolicy is specified'
  return podFailurePolicy && policy !== 'Never' ? [invalid(path, policy, detail)] : []
}
