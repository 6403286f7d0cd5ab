import type { Pod, PodSpec } from '../../../../shared/api/core.ts'
import type { StatusCause } from '../../../../shared/api/object.ts'
import { child, forbidden, index, invalid, key, required } from '../../../../shared/machinery/field-errors.ts'
import { jsonEqual } from '../../../../shared/machinery/json-value.ts'
import { inRange } from '../../../../shared/machinery/names.ts'
import { invalidFor } from '../../faults.ts'
import { validateGatedChanges } from './gated-pod-validation.ts'
import { mirrorAnnotation, validateOwnAnnotations, validatePodAndAnnotations } from './pod-validation.ts'
import { differences } from '../spec-difference.ts'

const updatable = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
]

/** What is wrong with a change of a pod: nearly everything stays as it was (ValidatePodUpdate). */
export function validatePodUpdate(object: Pod, old: Pod): StatusCause[] {
  const guarded = validateAnnotationChanges(object, old)
  // A spec that stays as it is was found right when it came: to look again would be most of what a label costs.
  if (jsonEqual(object.spec, old.spec)) return [...validateOwnAnnotations(object), ...guarded]
  const faults = [...validatePodAndAnnotations(object), ...guarded]
  const resized = (['containers', 'initContainers'] as const).find(
    list => (object.spec[list] ?? []).length !== (old.spec[list] ?? []).length,
  )
  if (resized) return [...faults, forbidden(child('spec', resized), 'pod updates may not add or remove containers')]
  const deadline = validateDeadlineChange(object.spec, old.spec)
  return [
    ...faults,
    ...validateImages(object),
    ...deadline,
    ...validateTolerationChanges(object.spec, old.spec),
    ...validateGateChanges(object.spec, old.spec),
    ...validateRest(object.spec, old.spec),
  ]
}

function validateImages({ spec }: Pod): StatusCause[] {
  return (['containers', 'initContainers'] as const).flatMap(list =>
    (spec[list] ?? []).flatMap(({ image }, i) =>
      image ? [] : [required(child(index(child('spec', list), i), 'image'))],
    ),
  )
}

const appArmorPrefix = 'container.apparmor.security.beta.kubernetes.io/'

function validateAnnotationChanges(object: Pod, old: Pod): StatusCause[] {
  const now = object.metadata.annotations ?? {}
  const before = old.metadata.annotations ?? {}
  const guarded = [...new Set([...Object.keys(before), ...Object.keys(now)])].filter(
    name => now[name] !== before[name] && (name === mirrorAnnotation || name.startsWith(appArmorPrefix)),
  )
  return guarded.map(name => {
    const verb = name in before ? 'remove or update' : 'add'
    const noun = name === mirrorAnnotation ? 'mirror pod annotation' : 'AppArmor annotations'
    return forbidden(key('metadata.annotations', name), `may not ${verb} ${noun}`)
  })
}

/** A deadline may be set once and then only come nearer. */
function validateDeadlineChange(
  { activeDeadlineSeconds: now }: PodSpec,
  { activeDeadlineSeconds: before }: PodSpec,
): StatusCause[] {
  const path = 'spec.activeDeadlineSeconds'
  if (now === undefined) {
    return before === undefined ? [] : [invalid(path, null, 'must not update from a positive integer to nil value')]
  }
  const range = inRange({ value: now, min: 0, max: 2147483647 })
  if (range.length > 0) return invalidFor(path, now, range)
  return before !== undefined && now > before
    ? [invalid(path, now, 'must be less than or equal to previous value')]
    : []
}

function validateTolerationChanges(
  { tolerations: now = [] }: PodSpec,
  { tolerations: before = [] }: PodSpec,
): StatusCause[] {
  const timeless = (toleration: object) => ({ ...toleration, tolerationSeconds: undefined })
  const lost = before.some(old => !now.some(toleration => jsonEqual(timeless(toleration), timeless(old))))
  return lost
    ? [forbidden('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds')]
    : []
}

function validateGateChanges(
  { schedulingGates: now = [] }: PodSpec,
  { schedulingGates: before = [] }: PodSpec,
): StatusCause[] {
  return now.flatMap(({ name }, i) => {
    if (before.some(gate => gate.name === name)) return []
    const detail = `only deletion is allowed, but found new scheduling gate '${name}'`
    return [forbidden(child(index('spec.schedulingGates', i), 'name'), detail)]
  })
}

/** Everything else must be as it was, but where a pod that waits at a gate wants to run. */
function validateRest(now: PodSpec, before: PodSpec): StatusCause[] {
  const sameImages = (list: 'containers' | 'initContainers') =>
    now[list]?.map((container, i) => ({ ...container, image: before[list]?.[i]?.image }))
  const kept: PodSpec = {
    ...now,
    containers: sameImages('containers') as PodSpec['containers'],
    ...(now.initContainers && { initContainers: sameImages('initContainers') }),
    ...pick(before, ['activeDeadlineSeconds', 'schedulingGates', 'tolerations']),
  }
  const { faults, spec } = validateGatedChanges(kept, before)
  if (jsonEqual(spec, before)) return faults
  const detail = `pod updates may not change fields other than ${updatable.join(',')}\n${differences(before, spec)}`
  return [...faults, forbidden('spec', detail)]
}

/** The fields as they are, absent ones as undefined. */
function pick<Field extends keyof PodSpec>(spec: PodSpec, fields: Field[]): Pick<PodSpec, Field> {
  return Object.fromEntries(fields.map(field => [field, spec[field]])) as Pick<PodSpec, Field>
}
