import type {
  LocalSubjectAccessReview,
  ResourceAttributes,
  SelfSubjectAccessReview,
  SubjectAccessReview,
} from '../../../shared/api/authorization.ts'
import type { KubeObject, StatusCause } from '../../../shared/api/object.ts'
import { child, forbidden, index, invalid, required } from '../../../shared/machinery/field-errors.ts'
import { isLabelValue, isQualifiedName } from '../../../shared/machinery/names.ts'
import { invalidFor } from '../faults.ts'

type Spec = SelfSubjectAccessReview['spec']

/** What is wrong with a SubjectAccessReview (pkg/apis/authorization/validation). */
export function validateSubjectAccessReview({ metadata, spec }: SubjectAccessReview): StatusCause[] {
  return [...validateAttributes(spec), ...validateSubject(spec), ...validateEmpty(metadata, 'must be empty')]
}

/** What is wrong with a SelfSubjectAccessReview. */
export function validateSelfSubjectAccessReview({ metadata, spec }: SelfSubjectAccessReview): StatusCause[] {
  return [...validateAttributes(spec), ...validateEmpty(metadata, 'must be empty')]
}

/** What is wrong with a LocalSubjectAccessReview, whose namespace is part of the question. */
export function validateLocalSubjectAccessReview({ metadata, spec }: LocalSubjectAccessReview): StatusCause[] {
  const { namespace = '', ...others } = metadata as Partial<KubeObject['metadata']>
  const { resourceAttributes: resource, nonResourceAttributes: path } = spec
  const asked = resource?.namespace ?? ''
  return [
    ...validateAttributes(spec),
    ...validateSubject(spec),
    ...validateEmpty(others, 'must be empty except for namespace'),
    ...(resource && asked !== namespace
      ? [invalid('spec.resourceAttributes.namespace', asked, 'must match metadata.namespace')]
      : []),
    ...(path ? [invalid('spec.nonResourceAttributes', shown(path), 'disallowed on this kind of request')] : []),
  ]
}

function validateEmpty(metadata: object, why: string): StatusCause[] {
  const { managedFields: _ignored, ...others } = metadata as Partial<KubeObject['metadata']>
  return Object.values(others).some(Boolean) ? [invalid('metadata', others, why)] : []
}

function validateSubject({ user, groups }: SubjectAccessReview['spec']): StatusCause[] {
  const named = Boolean(user) || (groups ?? []).length > 0
  return named ? [] : [invalid('spec.user', '', 'at least one of user or group must be specified')]
}

function validateAttributes({ resourceAttributes: resource, nonResourceAttributes: path }: Spec): StatusCause[] {
  if (resource && path) {
    const why = 'cannot be specified in combination with resourceAttributes'
    return [invalid('spec.nonResourceAttributes', shown(path), why), ...validateSelectors(resource)]
  }
  if (resource) return validateSelectors(resource)
  const why = 'exactly one of nonResourceAttributes or resourceAttributes must be specified'
  return path ? [] : [invalid('spec.resourceAttributes', undefined, why)]
}

/** Upstream prints its own names of the fields. */
function shown({ path = '', verb = '' }: NonNullable<Spec['nonResourceAttributes']>): object {
  return { Path: path, Verb: verb }
}

interface Requirement {
  key: string
  operator: string
  values?: string[]
}

interface Selector {
  rawSelector?: string
  requirements?: Requirement[]
}

function validateSelectors({ fieldSelector, labelSelector }: ResourceAttributes): StatusCause[] {
  const path = 'spec.resourceAttributes'
  return [
    ...validateSelector(fieldSelector, { path: child(path, 'fieldSelector'), validate: validateField }),
    ...validateSelector(labelSelector, { path: child(path, 'labelSelector'), validate: validateLabel }),
  ]
}

interface Rules {
  path: string
  validate: (requirement: Requirement, path: string) => StatusCause[]
}

function validateSelector(selector: Selector | undefined, { path, validate }: Rules): StatusCause[] {
  if (!selector) return []
  const { rawSelector = '', requirements = [] } = selector
  const at = child(path, 'requirements')
  const both = rawSelector !== '' && requirements.length > 0
  const neither = rawSelector === '' && requirements.length === 0
  const excess = 'may not specified at the same time as requirements'
  return [
    ...(both ? [invalid(child(path, 'rawSelector'), rawSelector, excess)] : []),
    ...(neither ? [required(at, `when ${path} is specified, requirements or rawSelector is required`)] : []),
    ...requirements.flatMap((requirement, i) => validate(requirement, index(at, i))),
  ]
}

function validateField(requirement: Requirement, path: string): StatusCause[] {
  const missing = requirement.key ? [] : [required(child(path, 'key'), 'must be specified')]
  return [...missing, ...validateValues(requirement, path)]
}

function validateLabel(requirement: Requirement, path: string): StatusCause[] {
  const { key, values = [] } = requirement
  return [
    ...validateValues(requirement, path),
    ...invalidFor(child(path, 'key'), key, isQualifiedName(key)),
    ...values.flatMap((value, i) => invalidFor(index(child(path, 'values'), i), value, isLabelValue(value))),
  ]
}

/** Operators that are not known are let pass: what is asked for is then taken more widely. */
function validateValues({ operator, values = [] }: Requirement, path: string): StatusCause[] {
  const at = child(path, 'values')
  if (['In', 'NotIn'].includes(operator) && values.length === 0)
    return [required(at, "must be specified when `operator` is 'In' or 'NotIn'")]
  if (['Exists', 'DoesNotExist'].includes(operator) && values.length > 0)
    return [forbidden(at, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")]
  return []
}
