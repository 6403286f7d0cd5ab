import type { KubeObject } from '../../../shared/api/object.ts'
import { invalid as invalidValue } from '../../../shared/machinery/field-errors.ts'
import { isObject, type JsonObject } from '../../../shared/machinery/json-value.ts'
import { badRequest, invalid } from '../../../shared/machinery/status.ts'
import type { Resource } from '../../resources/resource.ts'
import { answerObject } from '../codec/answer.ts'
import {
  complete,
  fieldValidationOf,
  strictFault,
  strictFaults,
  typeFault,
  type FieldValidation,
} from '../codec/decode-object.ts'
import { withoutManagedFields } from '../managed-fields/track.ts'
import { updateObject } from '../registry/update.ts'
import type { ServerResponse } from '../request.ts'
import { apply, applyType } from './apply.ts'
import { fieldManagerOf, refuseForce } from './field-manager.ts'
import { patchTypeOf, readPatch, type Patch } from './patch-types.ts'
import { writeOf, type ResourceCall } from './resource-call.ts'

/** PATCH on an object or its `/status`; tried again after a lost race unless the patch names a resourceVersion. */
export async function patch(call: ResourceCall): Promise<ServerResponse> {
  const { core, context, resource } = call
  const { request } = context
  if (patchTypeOf(request) === applyType) return apply(call)
  refuseForce(request)
  const write = writeOf(call, { manager: fieldManagerOf(request, 'PatchOptions') })
  const validation = fieldValidationOf(request.query)
  const { transform, textFaults, namesManagedFields } = await readPatch(
    request,
    resource.structural ? undefined : resource.schema,
  )
  // Warnings are for the client, once, however often the patch is tried.
  const warnings = new Set<string>()
  const entry = await updateObject(core, write, old =>
    patched({ transform, namesManagedFields, resource, old, validation, textFaults, warn: text => warnings.add(text) }),
  )
  warnings.forEach(write.warn)
  return answerObject({ request, resource, status: 200, entry, now: core.clock.now() })
}

interface Patching extends Patch {
  resource: Resource
  old: KubeObject
  validation: FieldValidation
  warn: (text: string) => void
}

/** The object after a patch. What does not fit the kind is a 422 about the field `patch`, as upstream's patcher has it. */
function patched({ transform, namesManagedFields, textFaults, resource, old, validation, warn }: Patching): KubeObject {
  const { resourceVersion, managedFields } = old.metadata
  const original = namesManagedFields ? old : withoutManagedFields(old)
  const value = transform(original as unknown as JsonObject)
  const unfit = (why: string) =>
    invalid({ group: '', kind: '', name: '' }, [invalidValue('patch', JSON.stringify(value), why)])
  if (!isObject(value)) throw unfit(`json: cannot unmarshal into Go value of type ${resource.ref.kind}`)
  if (value.apiVersion !== old.apiVersion || value.kind !== old.kind) {
    throw badRequest('a patch may not change apiVersion or kind')
  }
  const wrong = typeFault(resource, value)
  if (wrong !== undefined) throw unfit(wrong)
  const faults = [...textFaults, ...strictFaults(resource, value, [])]
  if (faults.length > 0) {
    if (validation === 'Strict') throw unfit(strictFault(faults))
    if (validation === 'Warn') faults.forEach(warn)
  }
  const object = complete(resource, value)
  if (!namesManagedFields && managedFields) object.metadata.managedFields = managedFields
  // Only a patch that says so is about one version of the object.
  if (object.metadata.resourceVersion === resourceVersion) delete object.metadata.resourceVersion
  return object
}
