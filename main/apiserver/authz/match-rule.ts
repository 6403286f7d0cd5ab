import type { PolicyRule } from '../../../shared/api/rbac.ts'
import type { RequestInfo } from '../request-info.ts'

/** Whether a rule lets a request through (plugin/pkg/auth/authorizer/rbac RuleAllows). */
export function ruleAllows(rule: PolicyRule, info: RequestInfo): boolean {
  if (!has(rule.verbs, info.verb)) return false
  if (!info.isResource) return (rule.nonResourceURLs ?? []).some(pattern => urlCovers(pattern, info.path))
  const { resourceNames = [] } = rule
  return (
    has(rule.apiGroups ?? [], info.group) &&
    resourceMatches(rule.resources ?? [], info) &&
    (resourceNames.length === 0 || resourceNames.includes(info.name))
  )
}

const has = (list: readonly string[], value: string) => list.includes('*') || list.includes(value)

function resourceMatches(resources: readonly string[], { resource, subresource }: RequestInfo): boolean {
  if (subresource === '') return has(resources, resource)
  return has(resources, `${resource}/${subresource}`) || resources.includes(`*/${subresource}`)
}

/** A path, or all that begin with what stands before the star. */
export function urlCovers(pattern: string, path: string): boolean {
  return pattern === path || (pattern.endsWith('*') && path.startsWith(pattern.replace(/\*+$/, '')))
}
