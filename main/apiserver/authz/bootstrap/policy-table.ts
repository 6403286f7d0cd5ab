import type { PolicyRule, Subject } from '../../../../shared/api/rbac.ts'
import { rbacGroup } from '../../../../shared/api/rbac.ts'
import { readAsset } from '../../../resources/assets.ts'

/**
 * What a cluster's RBAC begins with (plugin/pkg/auth/authorizer/rbac/bootstrappolicy at v1.36's default feature gates).
 * A rule is a line `verbs groups resources [names]` or `verbs paths`, each a list with commas, the core group called
 * `core`; a subject is `Kind name`. Keys are names, with the namespace before a slash for what is namespaced.
 */
interface PolicyTable {
  clusterRoles: Record<string, readonly string[]>
  /** Without their prefix; each is bound to the ServiceAccount of the same name in kube-system. */
  controllerRoles: Record<string, readonly string[]>
  roles: Record<string, readonly string[]>
  /** The subjects of the ClusterRole of the same name. */
  clusterRoleBindings: Record<string, readonly string[]>
  /** The Role of the same namespace, then the subjects. */
  roleBindings: Record<string, readonly [string, ...string[]]>
}

let table: PolicyTable | undefined

export function policyTable(): PolicyTable {
  return (table ??= readAsset('bootstrap-policy.json') as PolicyTable)
}

/** A line of the table as a rule. */
export function ruleOf(line: string): PolicyRule {
  const [verbs = '', first = '', resources, names] = line.split(' ')
  if (resources === undefined) return { verbs: verbs.split(','), nonResourceURLs: first.split(',') }
  return {
    verbs: verbs.split(','),
    apiGroups: first.split(',').map(group => (group === 'core' ? '' : group)),
    resources: resources.split(','),
    ...(names !== undefined && { resourceNames: names.split(',') }),
  }
}

/** An entry of the table as a subject. */
export function subjectOf(text: string): Subject {
  const [kind = '', who = ''] = text.split(' ')
  if (kind !== 'ServiceAccount') return { kind, apiGroup: rbacGroup, name: who }
  const [namespace = '', name = ''] = who.split('/')
  return { kind, name, namespace }
}
