import type { PolicyRule } from '../../../shared/api/rbac.ts'
import { quote } from '../../../shared/machinery/field-errors.ts'
import { urlCovers } from './match-rule.ts'

/** A rule about one thing: one verb on one resource, of one name at most, or on one path. */
interface Atom {
  verb: string
  group?: string
  resource?: string
  name?: string
  url?: string
}

/**
 * What of `wanted` the rules in `held` do not cover, in upstream's words, a line for each resource or path (component-helpers/auth/rbac/validation
 * Covers; pkg/registry/rbac/validation CompactRules and CompactString).
 */
export function missingRights(held: readonly PolicyRule[], wanted: readonly PolicyRule[]): string[] {
  const verbs = new Map<string, string[]>()
  const lines: string[] = []
  for (const atom of wanted.flatMap(atomsOf)) {
    if (held.some(rule => covers(rule, atom))) continue
    if (atom.url !== undefined) {
      lines.push(`{NonResourceURLs:[${quote(atom.url)}], Verbs:[${quote(atom.verb)}]}`)
      continue
    }
    const subject = subjectText(atom)
    verbs.set(subject, [...(verbs.get(subject) ?? []), atom.verb])
  }
  for (const [subject, list] of verbs) lines.push(`{${subject}, Verbs:[${list.map(quote).join(' ')}]}`)
  return [...new Set(lines)].sort()
}

function subjectText({ group = '', resource = '', name }: Atom): string {
  const named = name === undefined ? '' : `, ResourceNames:[${quote(name)}]`
  return `APIGroups:[${quote(group)}], Resources:[${quote(resource)}]${named}`
}

function atomsOf({
  verbs,
  apiGroups = [],
  resources = [],
  resourceNames = [],
  nonResourceURLs = [],
}: PolicyRule): Atom[] {
  const names = resourceNames.length > 0 ? resourceNames : [undefined]
  const onResources = apiGroups.flatMap(group =>
    resources.flatMap(resource =>
      verbs.flatMap(verb =>
        names.map((name): Atom => ({ verb, group, resource, ...(name !== undefined && { name }) })),
      ),
    ),
  )
  return [...onResources, ...nonResourceURLs.flatMap(url => verbs.map((verb): Atom => ({ verb, url })))]
}

function covers(rule: PolicyRule, { verb, group, resource, name, url }: Atom): boolean {
  if (!has(rule.verbs, verb)) return false
  if (url !== undefined) return (rule.nonResourceURLs ?? []).some(pattern => urlCovers(pattern, url))
  const { apiGroups = [], resources = [], resourceNames = [] } = rule
  const isNamed = resourceNames.length === 0 || (name !== undefined && resourceNames.includes(name))
  return isNamed && has(apiGroups, group ?? '') && resourceCovered(resources, resource ?? '')
}

const has = (list: readonly string[], value: string) => list.includes('*') || list.includes(value)

function resourceCovered(resources: readonly string[], resource: string): boolean {
  if (has(resources, resource)) return true
  const slash = resource.indexOf('/')
  return slash >= 0 && resources.includes(`*${resource.slice(slash)}`)
}
