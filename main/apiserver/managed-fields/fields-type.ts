import { apiVersionOf } from '../../../shared/api/ref.ts'
import type { FieldsType } from '../../../shared/machinery/managed-fields/update-owners.ts'
import { writableFields } from '../../resources/reset-fields.ts'
import type { Resource } from '../../resources/resource.ts'

const made = new WeakMap<Resource, Map<string, FieldsType>>()

/** What a write to an object, or to a subresource of it, must know of the kind's fields; made once. */
export function fieldsTypeOf(resource: Resource, subresource: string): FieldsType {
  const types = made.get(resource) ?? new Map<string, FieldsType>()
  made.set(resource, types)
  let type = types.get(subresource)
  if (!type) {
    const { ref } = resource
    type = { schema: resource.schema(), apiVersion: apiVersionOf(ref), writable: writableFields(resource, subresource) }
    types.set(subresource, type)
  }
  return type
}
