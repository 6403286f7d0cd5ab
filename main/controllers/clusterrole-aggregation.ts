import { clusterRoles, type ClusterRole, type PolicyRule } from '../../shared/api/rbac.ts'
import type { Controller } from '../../shared/client/controller.ts'
import { mapped } from '../../shared/client/watches.ts'
import { jsonEqual } from '../../shared/machinery/json-value.ts'
import { matchesRequirements, requirementsOf } from '../../shared/machinery/selectors.ts'

/**
 * Gives a ClusterRole with an aggregationRule the rules of all that its selectors find
 * (pkg/controller/clusterroleaggregation).
 */
export const clusterRoleAggregationController: Controller = {
  name: 'clusterrole-aggregation-controller',
  watches: [
    // A change of any role may change those that gather it.
    mapped(clusterRoles, (_, informers) =>
      informers
        .informer(clusterRoles)
        .list()
        .filter(role => role.aggregationRule)
        .map(({ metadata: { name } }) => ({ namespace: '', name })),
    ),
  ],

  async reconcile(key, { client, informers }) {
    const all = informers.informer(clusterRoles)
    const role = all.get(key)
    if (!role?.aggregationRule) return
    const rules = gather(role, all.list())
    if (jsonEqual(rules, role.rules ?? [])) return
    await client.update(clusterRoles, { ...role, rules })
  },
}

/** The rules of the roles that any of the selectors matches, in the order of the roles' names, each once. */
function gather({ metadata, aggregationRule }: ClusterRole, all: readonly ClusterRole[]): PolicyRule[] {
  const rules: PolicyRule[] = []
  for (const selector of aggregationRule?.clusterRoleSelectors ?? []) {
    const requirements = requirementsOf(selector)
    const found = all.filter(
      other => other.metadata.name !== metadata.name && matchesRequirements(requirements, other.metadata.labels),
    )
    for (const { rules: own = [] } of found.sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))) {
      for (const rule of own) if (!rules.some(known => jsonEqual(known, rule))) rules.push(rule)
    }
  }
  return rules
}
