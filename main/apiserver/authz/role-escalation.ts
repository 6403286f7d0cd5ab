import type { KubeObject } from '../../../shared/api/object.ts'
import { rbacGroup, type ClusterRole, type PolicyRule, type RoleBinding } from '../../../shared/api/rbac.ts'
import { quote } from '../../../shared/machinery/field-errors.ts'
import { jsonEqual } from '../../../shared/machinery/json-value.ts'
import { forbidden, notFound, type StatusError } from '../../../shared/machinery/status.ts'
import type { AdmissionPlugin, AdmissionRequest } from '../admission/admission.ts'
import { privileged } from '../filters/authorize.ts'
import { subjectOf } from '../registry/core.ts'
import type { Authorization } from './authorization.ts'
import { missingRights } from './covers.ts'
import { rulesFor } from './rbac.ts'

const everything: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
]

/**
 * Nobody hands out rights that they do not have, unless the verbs `escalate` (of roles) or `bind` (of bindings) let them
 * (policybased, in pkg/registry/rbac). Its place is after all other mutating plugins: upstream asks in the storage.
 */
export function roleEscalation(authorization: Authorization): AdmissionPlugin {
  return {
    name: 'RBAC',
    mutate(request) {
      const { operation, resource, subresource, user, object, old } = request
      if (resource.ref.group !== rbacGroup || subresource !== '' || operation === 'DELETE' || !object) return undefined
      if (user.groups.includes(privileged) || (old && onlyForCollector(object, old))) return undefined
      return resource.ref.kind.endsWith('Binding')
        ? checkBinding(authorization, request, object as RoleBinding)
        : checkRole(authorization, request, object)
    },
  }
}

/** Whether an update changes nothing but what the garbage collector changes. */
function onlyForCollector(object: KubeObject, old: KubeObject): boolean {
  const { ownerReferences: _o, finalizers: _f, managedFields: _m, ...before } = old.metadata
  const { ownerReferences: _p, finalizers: _g, managedFields: _n, ...after } = object.metadata
  return jsonEqual({ ...object, metadata: after }, { ...old, metadata: before })
}

async function checkRole(
  authorization: Authorization,
  request: AdmissionRequest,
  role: ClusterRole,
): Promise<StatusError | undefined> {
  const { resource, operation } = request
  // A role that is created has no name in its URL.
  const name = operation === 'CREATE' ? '' : request.name
  if (await may(authorization, request, { verb: 'escalate', resource: resource.ref.resource, name })) return undefined
  const refusal = await refuse(authorization, request, role.rules ?? [])
  if (refusal) return refusal
  if (!aggregates(role) && !aggregates(request.old)) return undefined
  const why = 'must have cluster-admin privileges to use the aggregationRule'
  const lacks = await refuse(authorization, request, everything)
  return lacks && forbidden(subjectOf(resource, role.metadata.name), why)
}

const aggregates = (role: ClusterRole | undefined) => (role?.aggregationRule?.clusterRoleSelectors ?? []).length > 0

async function checkBinding(
  authorization: Authorization,
  request: AdmissionRequest,
  { roleRef }: RoleBinding,
): Promise<StatusError | undefined> {
  const { resource, namespace } = request
  const { kind, name } = roleRef
  const bound = kind === 'ClusterRole' ? 'clusterroles' : kind === 'Role' ? 'roles' : undefined
  if (bound && (await may(authorization, request, { verb: 'bind', resource: bound, name }))) return undefined
  const rules = (await authorization.policy()).rulesOf(roleRef, namespace)
  // Upstream names the kind of the request, not that of the role.
  if (typeof rules === 'string') return notFound(subjectOf(resource, name))
  return refuse(authorization, request, rules)
}

async function may(
  authorization: Authorization,
  { user, namespace, resource }: AdmissionRequest,
  asked: { verb: string; resource: string; name: string },
): Promise<boolean> {
  const { group } = resource.ref
  const info = { isResource: true, path: '', group, version: '*', namespace, subresource: '', rest: '', ...asked }
  return (await authorization.authorize(user, info)).allowed
}

/** The refusal of rights that the user does not have. */
async function refuse(
  authorization: Authorization,
  { user, namespace, resource, object, name }: AdmissionRequest,
  wanted: readonly PolicyRule[],
): Promise<StatusError | undefined> {
  const { rules, error } = rulesFor(await authorization.policy(), user, namespace)
  const missing = missingRights(rules, wanted)
  if (missing.length === 0) return undefined
  const groups = `[${user.groups.map(quote).join(' ')}]`
  const what = `user ${quote(user.name)} (groups=${groups}) is attempting to grant RBAC permissions not currently held:`
  const faults = error === '' ? '' : `; resolution errors: [${error}]`
  const subject = subjectOf(resource, object?.metadata.name || name)
  return forbidden(subject, `${what}\n${missing.join('\n')}${faults}`)
}
