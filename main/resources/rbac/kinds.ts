import { anyKind, type Resource } from '../resource.ts'
import { clusterRole, role } from './role.ts'
import { clusterRoleBinding, roleBinding } from './role-binding.ts'

export const rbacKinds: readonly Resource[] = [
  anyKind(clusterRoleBinding),
  anyKind(clusterRole),
  anyKind(roleBinding),
  anyKind(role),
]
