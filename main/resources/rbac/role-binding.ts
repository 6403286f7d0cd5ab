import {
  clusterRoleBindings,
  rbacGroup,
  roleBindings,
  type ClusterRoleBinding,
  type RoleBinding,
  type RoleRef,
  type Subject,
} from '../../../shared/api/rbac.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { child, index, invalid, notSupported, required } from '../../../shared/machinery/field-errors.ts'
import { jsonEqual } from '../../../shared/machinery/json-value.ts'
import { isDns1123Subdomain, isPathSegmentName } from '../../../shared/machinery/names.ts'
import { invalidFor } from '../faults.ts'
import { ageColumn, nameColumn } from '../name-column.ts'
import { defineResource, type Column } from '../resource.ts'
import { schemaOf } from '../schemas.ts'

type Binding = RoleBinding | ClusterRoleBinding

/** Gives subjects the rights of a Role or ClusterRole in one namespace (pkg/registry/rbac/rolebinding). */
export const roleBinding = defineResource(roleBindings, {
  schema: () => schemaOf('io.k8s.api.rbac.v1.RoleBinding'),
  createOnUpdate: true,
  validateName: isPathSegmentName,
  setDefaults,
  validate: validateRoleBinding,
  validateUpdate: (object, old) => [...validateRoleBinding(object), ...validateSameRole(object, old)],
  columns: columns(),
})

/** Gives subjects the rights of a ClusterRole everywhere (pkg/registry/rbac/clusterrolebinding). */
export const clusterRoleBinding = defineResource(clusterRoleBindings, {
  schema: () => schemaOf('io.k8s.api.rbac.v1.ClusterRoleBinding'),
  createOnUpdate: true,
  validateName: isPathSegmentName,
  setDefaults,
  validate: validateClusterRoleBinding,
  validateUpdate: (object, old) => [...validateClusterRoleBinding(object), ...validateSameRole(object, old)],
  columns: columns(),
})

function setDefaults(object: Binding): void {
  // Absent in what a client sent, whatever the type says.
  const roleRef = object.roleRef as RoleRef | undefined
  object.roleRef = {
    ...roleRef,
    apiGroup: roleRef?.apiGroup || rbacGroup,
    kind: roleRef?.kind ?? '',
    name: roleRef?.name ?? '',
  }
  if (object.subjects?.length === 0) delete object.subjects
  for (const subject of object.subjects ?? []) {
    if (subject.kind === 'User' || subject.kind === 'Group') subject.apiGroup ||= rbacGroup
  }
}

function validateRoleBinding(object: RoleBinding): StatusCause[] {
  return validateBinding(object, { kinds: ['Role', 'ClusterRole'], namespaced: true })
}

function validateClusterRoleBinding(object: ClusterRoleBinding): StatusCause[] {
  return validateBinding(object, { kinds: ['ClusterRole'], namespaced: false })
}

interface Rules {
  /** Of roles that may be bound. */
  kinds: readonly string[]
  namespaced: boolean
}

function validateBinding({ roleRef, subjects = [] }: Binding, { kinds, namespaced }: Rules): StatusCause[] {
  const { apiGroup, kind, name } = roleRef
  return [
    ...(apiGroup === rbacGroup ? [] : [notSupported('roleRef.apiGroup', apiGroup, [rbacGroup])]),
    ...(kinds.includes(kind) ? [] : [notSupported('roleRef.kind', kind, kinds)]),
    ...(name === '' ? [required('roleRef.name')] : invalidFor('roleRef.name', name, isPathSegmentName(name))),
    ...subjects.flatMap((subject, i) => validateSubject(subject, { path: index('subjects', i), namespaced })),
  ]
}

function validateSubject(subject: Partial<Subject>, { path, namespaced }: { path: string; namespaced: boolean }) {
  const { kind = '', name = '', apiGroup = '', namespace = '' } = subject
  const at = (field: string) => child(path, field)
  const faults = name === '' ? [required(at('name'))] : []
  switch (kind) {
    case 'ServiceAccount':
      if (name !== '') faults.push(...invalidFor(at('name'), name, isDns1123Subdomain(name)))
      if (apiGroup !== '') faults.push(notSupported(at('apiGroup'), apiGroup, ['']))
      if (!namespaced && namespace === '') faults.push(required(at('namespace')))
      return faults
    case 'User':
    case 'Group':
      return apiGroup === rbacGroup ? faults : [...faults, notSupported(at('apiGroup'), apiGroup, [rbacGroup])]
    default:
      return [...faults, notSupported(at('kind'), kind, ['ServiceAccount', 'User', 'Group'])]
  }
}

/** Who may change a binding could otherwise hand out any role to its subjects. */
function validateSameRole({ roleRef }: Binding, old: Binding): StatusCause[] {
  return jsonEqual(roleRef, old.roleRef) ? [] : [invalid('roleRef', roleRef, 'cannot change roleRef')]
}

function columns(): Column<Binding>[] {
  const named = (kind: string, show: (subject: Subject) => string) => (object: Binding) =>
    (object.subjects ?? [])
      .filter(subject => subject.kind === kind)
      .map(show)
      .join(', ')
  const byName = ({ name }: Subject) => name
  return [
    nameColumn,
    { name: 'Role', type: 'string', cell: ({ roleRef }) => `${roleRef.kind}/${roleRef.name}` },
    ageColumn,
    { name: 'Users', type: 'string', priority: 1, cell: named('User', byName) },
    { name: 'Groups', type: 'string', priority: 1, cell: named('Group', byName) },
    {
      name: 'ServiceAccounts',
      type: 'string',
      priority: 1,
      cell: named('ServiceAccount', ({ namespace, name }) => `${namespace ?? ''}/${name}`),
    },
  ]
}
