import type { MatchResources, NamedRule } from '../../../shared/api/admissionregistration.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { child, duplicate, index, notSupported, required } from '../../../shared/machinery/field-errors.ts'
import { isPathSegmentName } from '../../../shared/machinery/names.ts'
import { invalidFor, oneOf, repeats } from '../faults.ts'
import { validateLabelSelector } from '../labels.ts'
import { validateRule } from './rule-validation.ts'

/** What may be changed by a policy. */
const mutable = ['CREATE', 'UPDATE']

/** The matchConstraints of a policy and the matchResources of a binding (validateMatchResources). */
export function validateMatchResources(match: MatchResources, path: string): StatusCause[] {
  const { matchPolicy, namespaceSelector, objectSelector, resourceRules = [], excludeResourceRules = [] } = match
  const rules = (given: readonly NamedRule[], name: string) =>
    given.flatMap((rule, i) => validateNamedRule(rule, index(child(path, name), i)))
  const selector = (given: MatchResources['objectSelector'], name: string) =>
    given ? validateLabelSelector(given, child(path, name)) : [required(child(path, name))]
  return [
    ...oneOf(child(path, 'matchPolicy'), matchPolicy, ['Equivalent', 'Exact']),
    ...selector(namespaceSelector, 'namespaceSelector'),
    ...selector(objectSelector, 'objectSelector'),
    ...rules(resourceRules, 'resourceRules'),
    ...rules(excludeResourceRules, 'excludeResourceRules'),
  ]
}

function validateNamedRule(rule: NamedRule, path: string): StatusCause[] {
  const names = rule.resourceNames ?? []
  const repeated = repeats(names, name => name)
  const faults = names.flatMap((name, i) => {
    const at = index(child(path, 'resourceNames'), i)
    return [...invalidFor(at, name, isPathSegmentName(name)), ...(repeated[i] ? [duplicate(at, name)] : [])]
  })
  return [...faults, ...validateRule(rule, path)]
}

/** A policy has to say what it is about. */
export function validateConstraints(match: MatchResources | undefined, path: string): StatusCause[] {
  if (!match) return [required(path)]
  const faults = validateMatchResources(match, path)
  return match.resourceRules?.length ? faults : [...faults, required(child(path, 'resourceRules'))]
}

/** Only creations and changes can be mutated. */
export function validateMutable({ resourceRules = [] }: MatchResources, path: string): StatusCause[] {
  const at = child(path, 'resourceRules', 'operations')
  return resourceRules
    .flatMap(({ operations = [] }) => operations)
    .filter(operation => !mutable.includes(operation))
    .map(operation => notSupported(at, operation, mutable))
}

/** What is defaulted in both. */
export function setMatchDefaults(match: MatchResources | undefined): void {
  if (!match) return
  match.matchPolicy ??= 'Equivalent'
  match.namespaceSelector ??= {}
  match.objectSelector ??= {}
  for (const rule of [...(match.resourceRules ?? []), ...(match.excludeResourceRules ?? [])]) rule.scope ??= '*'
}
