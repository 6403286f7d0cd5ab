import {
  clusterRoleBindings,
  clusterRoles,
  rbacGroup,
  roleBindings,
  roles,
  type ClusterRole,
  type RoleBinding,
} from '../../../../shared/api/rbac.ts'
import type { Draft } from '../../../../shared/api/object.ts'
import type { ResourceRef } from '../../../../shared/api/ref.ts'
import { policyTable, ruleOf, subjectOf } from './policy-table.ts'

/** "false" keeps an object as its owner made it. */
export const autoUpdate = 'rbac.authorization.kubernetes.io/autoupdate'
const controllerPrefix = 'system:controller:'
const aggregateTo = (role: string) => `rbac.authorization.k8s.io/aggregate-to-${role}`

export type Role = Draft<ClusterRole> & { metadata: { name: string } }
export type Binding = Draft<RoleBinding> & { metadata: { name: string } }

/** Objects that one of the four kinds begins with. */
export interface Defaults<T> {
  ref: ResourceRef
  objects: readonly T[]
}

/** Every role of bootstrappolicy: cluster roles, those of the controllers, and those in system namespaces. */
export function defaultRoles(): Defaults<Role>[] {
  const table = policyTable()
  const own = Object.entries(table.clusterRoles).map(([name, lines]) => roleOf(name, lines, aggregationLabels[name]))
  const ofControllers = Object.entries(table.controllerRoles).map(([name, lines]) =>
    roleOf(`${controllerPrefix}${name}`, lines),
  )
  const namespaced = Object.entries(table.roles).map(([path, lines]) => {
    const { namespace, name } = split(path)
    const role = roleOf(name, lines)
    return { ...role, metadata: { ...role.metadata, namespace } }
  })
  return [
    { ref: clusterRoles, objects: [...aggregated(), ...own, ...ofControllers] },
    { ref: roles, objects: namespaced },
  ]
}

/** Every binding of bootstrappolicy. */
export function defaultBindings(): Defaults<Binding>[] {
  const table = policyTable()
  const own = Object.entries(table.clusterRoleBindings).map(([name, subjects]) =>
    bindingOf({ name }, { kind: 'ClusterRole', name }, subjects),
  )
  const ofControllers = Object.keys(table.controllerRoles).map(controller => {
    const name = `${controllerPrefix}${controller}`
    return bindingOf({ name }, { kind: 'ClusterRole', name }, [`ServiceAccount kube-system/${controller}`])
  })
  const namespaced = Object.entries(table.roleBindings).map(([path, [role, ...subjects]]) =>
    bindingOf(split(path), { kind: 'Role', name: role }, subjects),
  )
  return [
    { ref: clusterRoleBindings, objects: [...own, ...ofControllers] },
    { ref: roleBindings, objects: namespaced },
  ]
}

const aggregationLabels: Partial<Record<string, Record<string, string>>> = {
  'system:aggregate-to-admin': { [aggregateTo('admin')]: 'true' },
  'system:aggregate-to-edit': { [aggregateTo('edit')]: 'true' },
  'system:aggregate-to-view': { [aggregateTo('view')]: 'true' },
}

/** The roles for users, whose rules a controller gathers: what may be viewed may be edited, what may be edited administered. */
function aggregated(): Role[] {
  const made = (name: string, labels: Record<string, string>): Role => ({
    ...roleOf(name, [], labels),
    aggregationRule: { clusterRoleSelectors: [{ matchLabels: { [aggregateTo(name)]: 'true' } }] },
  })
  return [
    made('admin', {}),
    made('edit', { [aggregateTo('admin')]: 'true' }),
    made('view', { [aggregateTo('edit')]: 'true' }),
  ]
}

function roleOf(name: string, lines: readonly string[], labels: Record<string, string> = {}): Role {
  return { metadata: metadataOf({ name }, labels), rules: lines.map(ruleOf) }
}

function bindingOf(
  at: { name: string; namespace?: string },
  role: { kind: string; name: string },
  subjects: readonly string[],
): Binding {
  return {
    metadata: metadataOf(at),
    roleRef: { apiGroup: rbacGroup, ...role },
    ...(subjects.length > 0 && { subjects: subjects.map(subjectOf) }),
  }
}

function metadataOf(at: { name: string; namespace?: string }, labels: Record<string, string> = {}) {
  return {
    ...at,
    labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults', ...labels },
    annotations: { [autoUpdate]: 'true' },
  }
}

function split(path: string): { namespace: string; name: string } {
  const slash = path.indexOf('/')
  return { namespace: path.slice(0, slash), name: path.slice(slash + 1) }
}
