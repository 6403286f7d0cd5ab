import type { KubeObject } from '../../../../shared/api/object.ts'
import { apiVersionOf } from '../../../../shared/api/ref.ts'
import { matchesRequirements, requirementsOf } from '../../../../shared/machinery/selectors.ts'
import type { ParamKind, ParamRef } from '../../../resources/admissionregistration/param-validation.ts'
import type { Resource } from '../../../resources/resource.ts'
import type { Store } from '../../../store/store.ts'
import { find } from '../../registry/find.ts'
import { prefixOf } from '../../registry/key.ts'
import type { ResourceIndex } from '../../registry/resource-index.ts'

/** The binding can't be used as it is: the policy's failurePolicy decides. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'
}

/** The parameters that a policy is evaluated with, once for each; undefined stands for none at all. */
export interface Params {
  /** Rejects with ConfigurationErrors. */
  find(
    kind: ParamKind | undefined,
    ref: ParamRef | undefined,
    namespace: string,
  ): Promise<readonly (KubeObject | undefined)[]>
}

/** Finds parameters in the store (admission/plugin/policy/generic CollectParams); they may be of any kind that is served. */
export function createParams({ store, index }: { store: Store; index: ResourceIndex }): Params {
  return {
    async find(kind, ref, namespace) {
      if (!kind || !ref) return [undefined]
      const resource = index.all().find(one => apiVersionOf(one.ref) === kind.apiVersion && one.ref.kind === kind.kind)
      if (!resource) {
        throw new ConfigurationError(`failed to find resource referenced by paramKind: '${describe(kind)}'`)
      }
      const found = await served(
        resource,
        await stored(store, resource, { ref, namespace: namespaceOf(resource, ref, namespace) }),
      )
      if (found.length === 0 && ref.parameterNotFoundAction === 'Deny') {
        throw new ConfigurationError('no params found for policy binding with `Deny` parameterNotFoundAction')
      }
      return found
    },
  }
}

/** As Go prints a GroupVersionKind. */
const describe = ({ apiVersion = '', kind = '' }: ParamKind) => `${apiVersion}, Kind=${kind}`

function namespaceOf({ ref: kind }: Resource, ref: ParamRef, namespace: string): string {
  if (!kind.namespaced) {
    if (!ref.namespace) return ''
    throw new ConfigurationError('paramRef.namespace must not be provided for a cluster-scoped `paramKind`')
  }
  const where = ref.namespace || namespace
  if (where !== '') return where
  throw new ConfigurationError('cannot use namespaced paramRef in policy binding that matches cluster-scoped resources')
}

async function stored(
  store: Store,
  { ref: kind }: Resource,
  { ref, namespace }: { ref: ParamRef; namespace: string },
): Promise<KubeObject[]> {
  if (ref.name) {
    const found = find(store, kind, { namespace, name: ref.name })
    return found ? [found] : []
  }
  const requirements = requirementsOf(ref.selector)
  const { entries } = await store.list(prefixOf(kind, namespace))
  return entries
    .map(({ object }) => object)
    .filter(({ metadata }) => matchesRequirements(requirements, metadata.labels))
}

/** In the version that the policy names, with type and version, which a stored object may leave to its place. */
async function served(resource: Resource, objects: KubeObject[]): Promise<KubeObject[]> {
  const converted = resource.stored ? await resource.stored.fromStorage(objects) : objects
  const { kind } = resource.ref
  return converted.map(object => ({ apiVersion: apiVersionOf(resource.ref), kind, ...object }))
}
