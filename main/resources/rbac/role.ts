import { clusterRoles, roles, type ClusterRole, type Role } from '../../../shared/api/rbac.ts'
import type { KubeObject, StatusCause } from '../../../shared/api/object.ts'
import { index, invalid, required } from '../../../shared/machinery/field-errors.ts'
import { isPathSegmentName } from '../../../shared/machinery/names.ts'
import type { LabelSelector } from '../../../shared/machinery/selectors.ts'
import { validateLabelSelector } from '../labels.ts'
import { nameColumn } from '../name-column.ts'
import { defineResource, type Column } from '../resource.ts'
import { schemaOf } from '../schemas.ts'
import { validateRules } from './policy-rules.ts'

const columns: readonly Column<KubeObject>[] = [
  nameColumn,
  { name: 'Created At', type: 'date', cell: ({ metadata }) => metadata.creationTimestamp ?? null },
]

/** What subjects in one namespace may do (pkg/registry/rbac/role). */
export const role = defineResource(roles, {
  schema: () => schemaOf('io.k8s.api.rbac.v1.Role'),
  createOnUpdate: true,
  validateName: isPathSegmentName,
  validate: validateRole,
  validateUpdate: validateRole,
  columns,
})

/** What subjects may do in any namespace, with cluster-scoped kinds and with paths that are no resources (pkg/registry/rbac/clusterrole). */
export const clusterRole = defineResource(clusterRoles, {
  schema: () => schemaOf('io.k8s.api.rbac.v1.ClusterRole'),
  createOnUpdate: true,
  validateName: isPathSegmentName,
  validate: validateClusterRole,
  validateUpdate: validateClusterRole,
  columns,
})

function validateRole({ rules }: Role): StatusCause[] {
  return validateRules(rules ?? [], { namespaced: true })
}

function validateClusterRole({ rules, aggregationRule }: ClusterRole): StatusCause[] {
  const path = 'aggregationRule.clusterRoleSelectors'
  const selectors = aggregationRule?.clusterRoleSelectors ?? []
  const missing = 'at least one clusterRoleSelector required if aggregationRule is non-nil'
  return [
    ...validateRules(rules ?? [], { namespaced: false }),
    ...(aggregationRule && selectors.length === 0 ? [required(path, missing)] : []),
    ...selectors.flatMap((selector, i) => validateSelector(selector, index(path, i))),
  ]
}

/** Upstream tells the faults of a selector, and then that there are some. */
function validateSelector(selector: LabelSelector, path: string): StatusCause[] {
  const faults = validateLabelSelector(selector, path)
  return faults.length === 0 ? [] : [...faults, invalid(path, undefined, 'invalid label selector.')]
}
