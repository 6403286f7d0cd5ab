import type { RbacV1Subject } from '@kubernetes/client-node/dist/gen/models/RbacV1Subject.js'
import type { V1ClusterRole } from '@kubernetes/client-node/dist/gen/models/V1ClusterRole.js'
import type { V1ClusterRoleBinding } from '@kubernetes/client-node/dist/gen/models/V1ClusterRoleBinding.js'
import type { V1PolicyRule } from '@kubernetes/client-node/dist/gen/models/V1PolicyRule.js'
import type { V1Role } from '@kubernetes/client-node/dist/gen/models/V1Role.js'
import type { V1RoleBinding } from '@kubernetes/client-node/dist/gen/models/V1RoleBinding.js'
import type { V1RoleRef } from '@kubernetes/client-node/dist/gen/models/V1RoleRef.js'
import type { Stored, Wire } from './object.ts'
import type { ResourceRef } from './ref.ts'

export interface Role extends Stored<V1Role> {}
export interface RoleBinding extends Stored<V1RoleBinding> {}
export interface ClusterRole extends Stored<V1ClusterRole> {}
export interface ClusterRoleBinding extends Stored<V1ClusterRoleBinding> {}

export interface PolicyRule extends Wire<V1PolicyRule> {}
export interface RoleRef extends Wire<V1RoleRef> {}
export interface Subject extends Wire<RbacV1Subject> {}

export const rbacGroup = 'rbac.authorization.k8s.io'
const rbac = { group: rbacGroup, version: 'v1' } as const

export const roles: ResourceRef<Role> = { ...rbac, resource: 'roles', kind: 'Role', namespaced: true }
export const roleBindings: ResourceRef<RoleBinding> = {
  ...rbac,
  resource: 'rolebindings',
  kind: 'RoleBinding',
  namespaced: true,
}
export const clusterRoles: ResourceRef<ClusterRole> = {
  ...rbac,
  resource: 'clusterroles',
  kind: 'ClusterRole',
  namespaced: false,
}
export const clusterRoleBindings: ResourceRef<ClusterRoleBinding> = {
  ...rbac,
  resource: 'clusterrolebindings',
  kind: 'ClusterRoleBinding',
  namespaced: false,
}
