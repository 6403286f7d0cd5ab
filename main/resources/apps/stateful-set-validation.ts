import type { StatefulSet } from '../../../shared/api/apps.ts'
import type { PodTemplateSpec } from '../../../shared/api/core.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { child, forbidden, index, invalid, notSupported, required } from '../../../shared/machinery/field-errors.ts'
import { jsonEqual } from '../../../shared/machinery/json-value.ts'
import { isDns1123Label } from '../../../shared/machinery/names.ts'
import { matchesRequirements, requirementsOf } from '../../../shared/machinery/selectors.ts'
import { validateClaimSpec } from '../core/persistent-volume/claim-validation.ts'
import { validatePodTemplate } from '../core/pod/pod-validation.ts'
import { invalidFor, nonNegative } from '../faults.ts'
import { isEmptySelector, validateLabelSelector } from '../labels.ts'
import { unmatchedLabels, validateAlwaysRunning } from '../pod-template.ts'

type Spec = StatefulSet['spec']
type Strategy = NonNullable<Spec['updateStrategy']>
type Retention = NonNullable<Spec['persistentVolumeClaimRetentionPolicy']>

/** What is wrong with a new StatefulSet (pkg/apis/apps/validation ValidateStatefulSet). */
export function validateStatefulSet({ spec }: StatefulSet): StatusCause[] {
  const { serviceName, volumeClaimTemplates = [] } = spec
  return [
    ...validateSpec(spec),
    ...volumeClaimTemplates.flatMap((claim, i) =>
      validateClaimSpec(claim.spec ?? {}, { path: child(index('spec.volumeClaimTemplates', i), 'spec') }),
    ),
    ...(serviceName ? invalidFor('spec.serviceName', serviceName, isDns1123Label(serviceName)) : []),
  ]
}

/** What is wrong with a changed one: pods and claims that exist must stay those of the set (ValidateStatefulSetUpdate). */
export function validateStatefulSetUpdate({ spec }: StatefulSet, old: StatefulSet): StatusCause[] {
  const moved = fixed.some(field => !jsonEqual(spec[field], old.spec[field]))
  const detail =
    "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"
  return [...validateSpec(spec), ...(moved ? [forbidden('spec', detail)] : [])]
}

const fixed = ['selector', 'serviceName', 'podManagementPolicy', 'volumeClaimTemplates'] as const

function validateSpec(spec: Spec): StatusCause[] {
  return [
    ...validateManagement(spec.podManagementPolicy),
    ...validateStrategy(spec.updateStrategy ?? {}, 'spec.updateStrategy'),
    ...validateRetention(spec.persistentVolumeClaimRetentionPolicy ?? {}),
    ...nonNegative('spec.replicas', spec.replicas),
    ...nonNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...nonNegative('spec.ordinals.start', spec.ordinals?.start),
    ...validateSelectorAndTemplate(spec),
    ...validateAlwaysRunning(spec.template, 'spec.template', 'StatefulSet'),
  ]
}

function validateManagement(policy: string | undefined): StatusCause[] {
  const path = 'spec.podManagementPolicy'
  if (!policy) return [required(path)]
  const known = policy === 'OrderedReady' || policy === 'Parallel'
  return known ? [] : [invalid(path, policy, "must be 'OrderedReady' or 'Parallel'")]
}

function validateStrategy({ type, rollingUpdate }: Strategy, path: string): StatusCause[] {
  const at = child(path, 'rollingUpdate')
  // Upstream prints its internal types, whose fields have no JSON names.
  const shown = rollingUpdate ? { Partition: rollingUpdate.partition ?? 0, MaxUnavailable: null } : null
  switch (type) {
    case 'OnDelete':
      return shown ? [invalid(at, shown, "only allowed for updateStrategy 'RollingUpdate'")] : []
    case 'RollingUpdate':
      return nonNegative(child(at, 'partition'), rollingUpdate?.partition)
    default:
      return [invalid(path, { Type: type, RollingUpdate: shown }, "must be 'RollingUpdate' or 'OnDelete'")]
  }
}

function validateRetention(policy: Retention): StatusCause[] {
  return (['whenDeleted', 'whenScaled'] as const).flatMap(field => {
    const value = policy[field] ?? ''
    const path = child('spec.persistentVolumeClaimRetentionPolicy', field)
    return value === 'Retain' || value === 'Delete' ? [] : [notSupported(path, value, ['Retain', 'Delete'])]
  })
}

function validateSelectorAndTemplate(spec: Spec): StatusCause[] {
  const path = 'spec.selector'
  // Absent in what a client sent, whatever the type of stored objects says.
  const selector = spec.selector as Spec['selector'] | undefined
  const malformed = validateLabelSelector(selector, path)
  const empty = selector && isEmptySelector(selector)
  const faults = [
    ...(selector ? malformed : [required(path)]),
    ...(empty ? [invalid(path, selector, 'empty selector is invalid for statefulset')] : []),
  ]
  if (malformed.length > 0) return [...faults, invalid(path, selector)]
  const { labels } = spec.template.metadata ?? {}
  const matches = matchesRequirements(requirementsOf(selector), labels)
  return [
    ...faults,
    ...(matches ? [] : [unmatchedLabels('spec.template', labels)]),
    ...validatePodTemplate(asPodsGetIt(spec), 'spec.template'),
  ]
}

/** The template with what each pod gets instead: its own host name, and volumes of its claims in place of those of their names. */
function asPodsGetIt({ template, volumeClaimTemplates = [] }: Spec): PodTemplateSpec {
  if (!template.spec) return template
  const { hostname: _hostname, subdomain: _subdomain, ...spec } = template.spec
  if (volumeClaimTemplates.length === 0) return { ...template, spec }
  const names = [...new Set(volumeClaimTemplates.map(({ metadata }) => metadata?.name ?? ''))]
  const claims = names.map(name => ({ name, persistentVolumeClaim: { claimName: name } }))
  const others = (spec.volumes ?? []).filter(({ name }) => !names.includes(name))
  return { ...template, spec: { ...spec, volumes: [...claims, ...others] } }
}
