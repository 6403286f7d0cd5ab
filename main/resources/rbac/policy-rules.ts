import type { PolicyRule } from '../../../shared/api/rbac.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { child, index, invalid, required } from '../../../shared/machinery/field-errors.ts'

/** What is wrong with the rules of a Role or ClusterRole (pkg/apis/rbac/validation ValidatePolicyRule). */
export function validateRules(rules: readonly PolicyRule[], { namespaced }: { namespaced: boolean }): StatusCause[] {
  return rules.flatMap((rule, i) => validateRule(rule, { path: index('rules', i), namespaced }))
}

function validateRule(rule: PolicyRule, { path, namespaced }: { path: string; namespaced: boolean }): StatusCause[] {
  const { nonResourceURLs = [], apiGroups = [], resources = [], resourceNames = [] } = rule
  // Absent in what a client sent, whatever the type says.
  const verbs = (rule.verbs as string[] | undefined) ?? []
  const faults = verbs.length === 0 ? [required(child(path, 'verbs'), 'verbs must contain at least one value')] : []
  const urls = child(path, 'nonResourceURLs')
  if (nonResourceURLs.length > 0) {
    if (namespaced) faults.push(invalid(urls, nonResourceURLs, 'namespaced rules cannot apply to non-resource URLs'))
    if (apiGroups.length + resources.length + resourceNames.length > 0) {
      faults.push(invalid(urls, nonResourceURLs, 'rules cannot apply to both regular resources and non-resource URLs'))
    }
    return faults
  }
  if (apiGroups.length === 0)
    faults.push(required(child(path, 'apiGroups'), 'resource rules must supply at least one api group'))
  if (resources.length === 0)
    faults.push(required(child(path, 'resources'), 'resource rules must supply at least one resource'))
  return faults
}
