import type { NamedRule } from '../../../../shared/api/admissionregistration.ts'
import type { ResourceRef } from '../../../../shared/api/ref.ts'
import type { AdmissionRequest } from '../admission.ts'

/** Where a request is made: one of the versions (or groups) that the same objects are served under. */
export type Place = Pick<ResourceRef, 'group' | 'version' | 'resource' | 'kind'>

/** Rules as webhooks, policies and bindings have them; only the latter two name objects. */
interface RuleMatch {
  rules: readonly NamedRule[]
  /** Exact if it is left out; the API's default is Equivalent. */
  matchPolicy?: string | undefined
  /** The other places where the objects of a kind are served. */
  equivalents: (place: Place) => readonly Place[]
}

/**
 * The place under which the rules ask for the request, or undefined (apiserver/pkg/admission/plugin/webhook/predicates/rules
 * and policy/matching): its own if a rule names it, else, unless only exact matches count, an equivalent one.
 */
export function matchRules(
  request: AdmissionRequest,
  { rules, matchPolicy, equivalents }: RuleMatch,
): Place | undefined {
  const own = request.resource.ref
  if (rules.some(rule => matchesRule(rule, request, own))) return own
  if (matchPolicy !== 'Equivalent') return undefined
  const others = equivalents(own)
  for (const rule of rules) {
    const found = others.find(place => matchesRule(rule, request, place))
    if (found) return found
  }
  return undefined
}

function matchesRule(rule: NamedRule, request: AdmissionRequest, place: Place): boolean {
  return (
    inScope(rule.scope, request) &&
    names(rule.operations, request.operation) &&
    names(rule.apiGroups, place.group) &&
    names(rule.apiVersions, place.version) &&
    (rule.resources ?? []).some(resource => isAbout(resource, place.resource, request.subresource)) &&
    (!rule.resourceNames?.length || rule.resourceNames.includes(request.name))
  )
}

const names = (items: readonly string[] | undefined, wanted: string) =>
  items !== undefined && (items.includes('*') || items.includes(wanted))

/** A resource with or without its subresource; either of them, or both, may be any: `pods`, `pods/exec`, `*` (no subresource). */
function isAbout(named: string, resource: string, subresource: string): boolean {
  const slash = named.indexOf('/')
  const [main, sub] = slash < 0 ? [named, ''] : [named.slice(0, slash), named.slice(slash + 1)]
  return (main === '*' || main === resource) && (sub === '*' || sub === subresource)
}

/** A Namespace is cluster-scoped, though requests about it name it as their namespace. */
function inScope(scope: string | undefined, { resource, namespace }: AdmissionRequest): boolean {
  if (scope === undefined || scope === '*') return true
  const namespaced = namespace !== '' && !isNamespace(resource.ref)
  return scope === 'Namespaced' ? namespaced : scope === 'Cluster' && !namespaced
}

/** Namespaces are in no namespace, and yet matched by the labels of their own. */
export function isNamespace({ group, resource }: Pick<ResourceRef, 'group' | 'resource'>): boolean {
  return group === '' && resource === 'namespaces'
}
