import {
  mutatingAdmissionPolicies,
  validatingAdmissionPolicies,
  type MutatingAdmissionPolicy,
  type MutatingAdmissionPolicyBinding,
  type ValidatingAdmissionPolicy,
  type ValidatingAdmissionPolicyBinding,
} from '../../../shared/api/admissionregistration.ts'
import { apiVersionOf } from '../../../shared/api/ref.ts'
import { forbidden } from '../../../shared/machinery/field-errors.ts'
import { jsonEqual } from '../../../shared/machinery/json-value.ts'
import { invalid } from '../../../shared/machinery/status.ts'
import type { ParamKind } from '../../resources/admissionregistration/param-validation.ts'
import type { Store } from '../../store/store.ts'
import type { AdmissionPlugin } from '../admission/admission.ts'
import { privileged, type Authorizer } from '../filters/authorize.ts'
import { kindOf } from '../registry/core.ts'
import { find } from '../registry/find.ts'
import type { ResourceIndex } from '../registry/resource-index.ts'
import type { UserInfo } from '../request.ts'

type Policy = ValidatingAdmissionPolicy | MutatingAdmissionPolicy
type Binding = ValidatingAdmissionPolicyBinding | MutatingAdmissionPolicyBinding

/** What its author must be allowed to read for a policy's parameters, and how the lack of it is told. */
interface Need {
  field: 'paramKind' | 'paramRef'
  kind: ParamKind | undefined
  verb: 'get' | 'list'
  namespace: string
  name: string
  lack: (user: string) => string
}

/**
 * Nobody reads by a policy what they may not read themselves: who names parameters must be allowed to get or list them
 * (authz.go of each kind in pkg/registry/admissionregistration). Upstream asks once the object is valid.
 */
export function paramAccess({
  store,
  index,
  authorizer,
}: {
  store: Store
  index: ResourceIndex
  authorizer: Authorizer
}): AdmissionPlugin {
  async function may(user: UserInfo, { kind, verb, namespace, name }: Need): Promise<boolean> {
    const [version = '*', group = kind?.apiVersion ? '' : '*'] = (kind?.apiVersion || '*').split('/').reverse()
    const served = index.all().find(({ ref }) => apiVersionOf(ref) === kind?.apiVersion && ref.kind === kind.kind)
    const resource = served?.ref.resource ?? '*'
    const asked = { isResource: true, path: '', group, version, resource, subresource: '', rest: '' }
    return (await authorizer.authorize(user, { ...asked, verb, namespace, name })).allowed
  }

  return {
    name: 'ParamAccess',
    async validate({ resource, subresource, operation, object, old, user, name }) {
      const { group, kind } = resource.ref
      if (group !== validatingAdmissionPolicies.group || subresource !== '' || operation === 'DELETE') return undefined
      if (!object || user.groups.includes(privileged)) return undefined
      const need = kind.endsWith('AdmissionPolicy')
        ? ofPolicy(object as Policy, old as Policy | undefined)
        : kind.endsWith('AdmissionPolicyBinding')
          ? ofBinding(store, object as Binding)
          : undefined
      if (!need || (await may(user, need))) return undefined
      return invalid(kindOf(resource, name || object.metadata.name), [
        forbidden(`spec.${need.field}`, need.lack(printed(user))),
      ])
    },
  }
}

function ofPolicy({ spec: { paramKind: kind } }: Policy, old: Policy | undefined): Need | undefined {
  if (!kind || jsonEqual(kind, old?.spec.paramKind ?? {})) return undefined
  const what = `(kind=${kind.kind ?? ''}, apiVersion=${kind.apiVersion ?? ''})`
  const lack = (user: string) =>
    `user ${user} must have "get" permission on all objects of the referenced paramKind ${what}`
  return { field: 'paramKind', kind, verb: 'get', namespace: '*', name: '*', lack }
}

/** A binding may come before its policy: then everything has to be readable. */
function ofBinding(store: Store, { kind: own, spec: { policyName = '', paramRef } }: Binding): Need | undefined {
  if (!paramRef) return undefined
  const validating = own === 'ValidatingAdmissionPolicyBinding'
  const at = { namespace: '', name: policyName }
  const policy = validating ? find(store, validatingAdmissionPolicies, at) : find(store, mutatingAdmissionPolicies, at)
  const verb = paramRef.name ? 'get' : 'list'
  const lack = (user: string) => {
    const all = `user ${user} does not have "${verb}" permission for all groups, versions and resources`
    if (!policy) return `unable to get policy ${policyName} to determine minimum required permissions and ${all}`
    // Upstream's two texts have user and verb the other way round for mutating policies.
    const [who, what] = validating ? [user, verb] : [verb, user]
    return `user ${who} does not have "${what}" permission on the object referenced by paramRef`
  }
  const { namespace = '', name = '' } = paramRef
  return { field: 'paramRef', kind: policy?.spec.paramKind, verb, namespace, name, lack }
}

/** As Go's %v prints a user.DefaultInfo. */
function printed({ name, uid = '', groups, extra = {} }: UserInfo): string {
  const entries = Object.entries(extra).sort(([a], [b]) => (a < b ? -1 : 1))
  return `&{${name} ${uid} [${groups.join(' ')}] map[${entries.map(([key, values]) => `${key}:[${values.join(' ')}]`).join(' ')}]}`
}
