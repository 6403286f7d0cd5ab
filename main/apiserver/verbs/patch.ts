import type { KubeObject } from '../../../shared/api/object.ts'
import { invalid as invalidValue } from '../../../shared/machinery/field-errors.ts'
import { isObject, type JsonObject } from '../../../shared/machinery/json-value.ts'
import { badRequest, invalid } from '../../../shared/machinery/status.ts'
import { apiVersionOf } from '../../../shared/api/ref.ts'
import { asConverterFault } from '../../../shared/machinery/go-types.ts'
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
import type { ResourceIndex } from '../registry/resource-index.ts'
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
  const validation = fieldValidationOf(request.query, 'PatchOptions')
  const given = await readPatch(request, resource.structural ? undefined : resource.schema)
  // Warnings are for the client, once, however often the patch is tried.
  const warnings = new Set<string>()
  const entry = await updateObject(core, write, old =>
    patched({ ...given, index: core.index, resource, old, validation, warn: text => warnings.add(text) }),
  )
  warnings.forEach(write.warn)
  return answerObject({ request, resource, status: 200, entry, now: core.clock.now() })
}

interface Patching extends Patch {
  index: ResourceIndex
  resource: Resource
  old: KubeObject
  validation: FieldValidation
  warn: (text: string) => void
}

/** The object after a patch. What does not fit the kind is a 422 about the field `patch`, as upstream's patcher has it. */
function patched({ transform, namesManagedFields, textFaults, text, ...about }: Patching): KubeObject {
  const { index, resource, old, validation, warn } = about
  const { resourceVersion, managedFields } = old.metadata
  const original = namesManagedFields ? old : withoutManagedFields(old)
  const value = transform(original as unknown as JsonObject)
  const unfit = (why: string) =>
    invalid({ group: '', kind: '', name: '' }, [invalidValue('patch', text ?? JSON.stringify(value), why)])
  if (!isObject(value)) throw unfit(`json: cannot unmarshal into Go value of type ${resource.ref.kind}`)
  // The type is no part of what is merged strategically.
  if (text !== undefined) Object.assign(value, { apiVersion: old.apiVersion, kind: old.kind })
  const wrong = typeFault(resource, value)
  if (wrong !== undefined) throw unfit(text === undefined ? wrong : asConverterFault(wrong))
  const changed = changedType(value, { resource, index })
  if (changed !== undefined) throw unfit(changed)
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

/** Why a patched object is none of its kind any more, as upstream's scheme says it; a type that is taken away comes back. */
function changedType(
  { apiVersion, kind }: JsonObject,
  { resource: { ref, structural }, index }: Pick<Patching, 'resource' | 'index'>,
): string | undefined {
  const own = apiVersionOf(ref)
  const [version, name] = [apiVersion ?? own, kind ?? ref.kind].map(String)
  if (version === own && name === ref.kind) return undefined
  if (structural) throw badRequest('a patch may not change apiVersion or kind')
  const isKnown = index.all().some(other => other.ref.kind === name && apiVersionOf(other.ref) === version)
  if (!isKnown) return `no kind "${name}" is registered for version "${version}" in scheme "pkg/runtime/scheme.go:111"`
  const internal = ref.group === '' ? 'core' : ref.group.split('.', 1)[0]
  return `converting (${version?.split('/').at(-1)}.${name}) to (${internal}.${ref.kind}): unknown conversion`
}
