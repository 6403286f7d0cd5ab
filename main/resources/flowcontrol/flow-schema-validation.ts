import type { FlowSchema } from '../../../shared/api/flowcontrol.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { child, index, invalid, notSupported, required } from '../../../shared/machinery/field-errors.ts'
import { jsonEqual } from '../../../shared/machinery/json-value.ts'
import { isDns1123Subdomain } from '../../../shared/machinery/names.ts'
import { invalidFor } from '../faults.ts'
import { mandatoryFlowSchemas } from './mandatory.ts'
import { validateNonResourceRule, validateResourceRule } from './rule-validation.ts'
import { validateSubject } from './subject-validation.ts'

type Spec = FlowSchema['spec']
type Rule = NonNullable<Spec['rules']>[number]

const methods = ['ByNamespace', 'ByUser']
const lastPrecedence = 10_000

/** Faults of a FlowSchema (pkg/apis/flowcontrol/validation ValidateFlowSchema). */
export function validateFlowSchema({ metadata: { name }, spec }: FlowSchema): StatusCause[] {
  const { matchingPrecedence = 0, distinguisherMethod: method, rules = [] } = spec
  const level = spec.priorityLevelConfiguration.name
  const levelPath = 'spec.priorityLevelConfiguration.name'
  const fixed = Object.hasOwn(mandatoryFlowSchemas, name) ? mandatoryFlowSchemas[name] : undefined
  return [
    ...validatePrecedence(matchingPrecedence, { path: 'spec.matchingPrecedence', name }),
    ...(method && !methods.includes(method.type)
      ? [notSupported('spec.distinguisherMethod.type', { Type: method.type }, methods)]
      : []),
    ...(level
      ? invalidFor(levelPath, level, isDns1123Subdomain(level))
      : [required(levelPath, 'must reference a priority level')]),
    ...rules.flatMap((rule, i) => validateRule(rule, index('spec.rules', i))),
    ...(fixed && !jsonEqual(spec, fixed)
      ? [invalid('spec', spec, `spec of '${name}' must equal the fixed value`)]
      : []),
  ]
}

function validatePrecedence(value: number, { path, name }: { path: string; name: string }): StatusCause[] {
  if (value <= 0) return [invalid(path, value, 'must be a positive value')]
  if (value > lastPrecedence) return [invalid(path, value, `must not be greater than ${lastPrecedence}`)]
  return value === 1 && name !== 'exempt'
    ? [invalid(path, value, "only the schema named 'exempt' may have matchingPrecedence 1")]
    : []
}

function validateRule({ subjects, resourceRules = [], nonResourceRules = [] }: Rule, path: string): StatusCause[] {
  const subjectsPath = child(path, 'subjects')
  const empty = resourceRules.length + nonResourceRules.length === 0
  return [
    ...(subjects.length === 0 ? [required(subjectsPath, 'subjects must contain at least one value')] : []),
    ...subjects.flatMap((subject, i) => validateSubject(subject, index(subjectsPath, i))),
    ...(empty ? [required(path, 'at least one of resourceRules and nonResourceRules has to be non-empty')] : []),
    ...resourceRules.flatMap((rule, i) => validateResourceRule(rule, index(child(path, 'resourceRules'), i))),
    ...nonResourceRules.flatMap((rule, i) => validateNonResourceRule(rule, index(child(path, 'nonResourceRules'), i))),
  ]
}
