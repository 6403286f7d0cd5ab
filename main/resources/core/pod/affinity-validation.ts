import type { PodSpec } from '../../../../shared/api/core.ts'
import type { StatusCause } from '../../../../shared/api/object.ts'
import { child, forbidden, index, invalid, required } from '../../../../shared/machinery/field-errors.ts'
import {
  isDns1123Label,
  isDns1123Subdomain,
  isLabelValue,
  isQualifiedName,
} from '../../../../shared/machinery/names.ts'
import type { LabelSelector } from '../../../../shared/machinery/selectors.ts'
import { invalidFor, repeats } from '../../faults.ts'
import { validateLabelSelector } from '../../labels.ts'

type Affinity = NonNullable<PodSpec['affinity']>
type NodeAffinity = NonNullable<Affinity['nodeAffinity']>
type PodAffinity = NonNullable<Affinity['podAffinity']>
type PodTerm = NonNullable<PodAffinity['requiredDuringSchedulingIgnoredDuringExecution']>[number]
type NodeTerm = NonNullable<NodeAffinity['preferredDuringSchedulingIgnoredDuringExecution']>[number]['preference']
type NodeRequirement = NonNullable<NodeTerm['matchExpressions']>[number]

const requiredField = 'requiredDuringSchedulingIgnoredDuringExecution'
const preferredField = 'preferredDuringSchedulingIgnoredDuringExecution'

/** Faults of where a pod wants to run (validateAffinity). */
export function validateAffinity(
  { nodeAffinity, podAffinity, podAntiAffinity }: Affinity,
  path: string,
): StatusCause[] {
  return [
    ...(nodeAffinity ? validateNodeAffinity(nodeAffinity, child(path, 'nodeAffinity')) : []),
    ...(podAffinity ? validatePodAffinity(podAffinity, child(path, 'podAffinity')) : []),
    ...(podAntiAffinity ? validatePodAffinity(podAntiAffinity, child(path, 'podAntiAffinity')) : []),
  ]
}

/** Faults of a choice of nodes (ValidateNodeSelector). */
export function validateNodeSelector(
  { nodeSelectorTerms: terms = [] }: { nodeSelectorTerms?: NodeTerm[] },
  path: string,
): StatusCause[] {
  const at = child(path, 'nodeSelectorTerms')
  if (terms.length === 0) return [required(at, 'must have at least one node selector term')]
  return terms.flatMap((term, i) => validateNodeTerm(term, { path: index(at, i), checkValues: true }))
}

function validateNodeAffinity(affinity: NodeAffinity, path: string): StatusCause[] {
  const needed = affinity[requiredField]
  const preferredPath = child(path, preferredField)
  return [
    ...(needed ? validateNodeSelector(needed, child(path, requiredField)) : []),
    ...(affinity[preferredField] ?? []).flatMap(({ weight, preference }, i) => [
      ...validateWeight(weight, index(preferredPath, i)),
      ...validateNodeTerm(preference, { path: child(index(preferredPath, i), 'preference'), checkValues: false }),
    ]),
  ]
}

function validateWeight(weight: number, path: string): StatusCause[] {
  return weight > 0 && weight <= 100 ? [] : [invalid(child(path, 'weight'), weight, 'must be in the range 1-100')]
}

interface TermRules {
  path: string
  /** A preference may name values that no label can have. */
  checkValues: boolean
}

function validateNodeTerm(
  { matchExpressions = [], matchFields = [] }: NodeTerm,
  { path, checkValues }: TermRules,
): StatusCause[] {
  return [
    ...matchExpressions.flatMap((requirement, i) =>
      validateExpression(requirement, { path: index(child(path, 'matchExpressions'), i), checkValues }),
    ),
    ...matchFields.flatMap((requirement, i) => validateField(requirement, index(child(path, 'matchFields'), i))),
  ]
}

function validateExpression(
  { key, operator, values = [] }: NodeRequirement,
  { path, checkValues }: TermRules,
): StatusCause[] {
  const at = child(path, 'values')
  const valueFaults = checkValues
    ? values.flatMap((value, i) => invalidFor(index(at, i), value, isLabelValue(value)))
    : []
  return [
    ...validateOperator({ operator, count: values.length }, { path, at }),
    ...invalidFor(child(path, 'key'), key, isQualifiedName(key)),
    ...valueFaults,
  ]
}

function validateOperator(
  given: { operator: string; count: number },
  { path, at }: { path: string; at: string },
): StatusCause[] {
  const { operator, count } = given
  switch (operator) {
    case 'In':
    case 'NotIn':
      return count > 0 ? [] : [required(at, "must be specified when `operator` is 'In' or 'NotIn'")]
    case 'Exists':
    case 'DoesNotExist':
      return count === 0 ? [] : [forbidden(at, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")]
    case 'Gt':
    case 'Lt':
      return count === 1 ? [] : [required(at, "must be specified single value when `operator` is 'Lt' or 'Gt'")]
    default:
      return [invalid(child(path, 'operator'), operator, 'not a valid selector operator')]
  }
}

function validateField({ key, operator, values = [] }: NodeRequirement, path: string): StatusCause[] {
  const at = child(path, 'values')
  const single = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"
  const isKnown = operator === 'In' || operator === 'NotIn'
  return [
    ...(isKnown ? [] : [invalid(child(path, 'operator'), operator, 'not a valid selector operator')]),
    ...(isKnown && values.length !== 1 ? [required(at, single)] : []),
    ...(key === 'metadata.name'
      ? values.flatMap((value, i) => invalidFor(index(at, i), value, isDns1123Subdomain(value)))
      : [invalid(child(path, 'key'), key, 'not a valid field selector key')]),
  ]
}

function validatePodAffinity(affinity: PodAffinity, path: string): StatusCause[] {
  const preferredPath = child(path, preferredField)
  return [
    ...(affinity[requiredField] ?? []).flatMap((term, i) =>
      validatePodTerm(term, index(child(path, requiredField), i)),
    ),
    ...(affinity[preferredField] ?? []).flatMap(({ weight, podAffinityTerm }, i) => [
      ...validateWeight(weight, index(preferredPath, i)),
      ...validatePodTerm(podAffinityTerm, child(index(preferredPath, i), 'podAffinityTerm')),
    ]),
  ]
}

function validatePodTerm(term: PodTerm, path: string): StatusCause[] {
  const { labelSelector, namespaceSelector, namespaces = [], topologyKey } = term
  const at = child(path, 'topologyKey')
  return [
    ...validateLabelSelector(labelSelector, child(path, 'labelSelector')),
    ...validateLabelSelector(namespaceSelector, child(path, 'namespaceSelector')),
    ...namespaces.flatMap(name => invalidFor(child(path, 'namespace'), name, isDns1123Label(name))),
    ...validateLabelKeys(term, path),
    ...(topologyKey ? [] : [required(at, 'can not be empty')]),
    ...invalidFor(at, topologyKey, isQualifiedName(topologyKey)),
  ]
}

interface Keyed {
  labelSelector?: LabelSelector
  matchLabelKeys?: string[]
  mismatchLabelKeys?: string[]
}

/** Faults of keys whose values are the pod's own (ValidateMatchLabelKeysAndMismatchLabelKeys). */
export function validateLabelKeys(
  { labelSelector, matchLabelKeys = [], mismatchLabelKeys = [] }: Keyed,
  path: string,
): StatusCause[] {
  const lists = { matchLabelKeys, mismatchLabelKeys }
  const faults = Object.entries(lists).flatMap(([field, keys]) => {
    const at = child(path, field)
    if (keys.length > 0 && !labelSelector) return [forbidden(at, 'must not be specified when labelSelector is not set')]
    return keys.flatMap((key, i) => invalidFor(index(at, i), key, isQualifiedName(key)))
  })
  const expressions = labelSelector?.matchExpressions ?? []
  const repeated = repeats(expressions, ({ key }) => key)
  const places = new Map(matchLabelKeys.map((key, i) => [key, i] as const).reverse())
  expressions.forEach(({ key }, i) => {
    const earlier = Object.hasOwn(labelSelector?.matchLabels ?? {}, key) || repeated[i]
    const at = places.get(key)
    if (at !== undefined && earlier)
      faults.push(invalid(index(path, at), key, 'exists in both matchLabelKeys and labelSelector'))
  })
  const mismatched = new Set(mismatchLabelKeys)
  matchLabelKeys.forEach((key, i) => {
    if (!mismatched.has(key)) return
    faults.push(
      invalid(index(child(path, 'matchLabelKeys'), i), key, 'exists in both matchLabelKeys and mismatchLabelKeys'),
    )
  })
  return faults
}
