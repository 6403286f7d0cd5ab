import type { KubeObject } from '../../../shared/api/object.ts'
import { invalid } from '../../../shared/machinery/status.ts'
import type { Resource } from '../../resources/resource.ts'
import { validateObjectMeta, validateObjectMetaUpdate } from '../../resources/object-meta.ts'
import { kindOf, type Write } from './core.ts'

/** Throws 422 with every fault of a new object; what is doubtful about a valid one becomes warnings. */
export function assertValid({ resource, warn }: Pick<Write, 'resource' | 'warn'>, object: KubeObject): void {
  const causes = [...validateObjectMeta(object, resource), ...(resource.validate?.(object) ?? [])]
  if (causes.length > 0) throw invalid(kindOf(resource, object.metadata.name), causes)
  resource.warnings?.(object, undefined).forEach(warn)
}

/** What kinds, their `/status` and their parts have in common. */
type UpdateStrategy = Pick<Resource, 'prepareForUpdate' | 'validateUpdate'> & {
  warnings?: (object: KubeObject, old: KubeObject) => string[]
}

/**
 * The hooks that a change goes through: the kind's own for the object and its scale, the status strategy for `/status`,
 * a part's for the part. Other subresources (binding, finalize) check what they change themselves.
 */
export function strategyOf({ resource, subresource }: Write): UpdateStrategy | undefined {
  if (subresource === '' || subresource === 'scale') return resource
  return subresource === 'status' ? resource.status : resource.parts?.[subresource]
}

/** Throws 422 with every fault of a changed object; see `assertValid`. */
export function assertValidUpdate(write: Write, object: KubeObject, old: KubeObject): void {
  const strategy = strategyOf(write)
  const own = strategy?.validateUpdate?.(object, old) ?? []
  const causes = [...validateObjectMetaUpdate(object, old, write.resource), ...own]
  if (causes.length > 0) throw invalid(kindOf(write.resource, write.name), causes)
  strategy?.warnings?.(object, old).forEach(write.warn)
}
