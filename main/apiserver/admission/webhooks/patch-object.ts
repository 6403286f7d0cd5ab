import type { KubeObject } from '../../../../shared/api/object.ts'
import { quote } from '../../../../shared/machinery/field-errors.ts'
import { applyJsonPatch } from '../../../../shared/machinery/json-patch.ts'
import { isObject, jsonEqual } from '../../../../shared/machinery/json-value.ts'
import { internalError, StatusError } from '../../../../shared/machinery/status.ts'
import type { Resource } from '../../../resources/resource.ts'
import { complete, strictFaults, typeFault } from '../../codec/decode-object.ts'
import { failedCalling } from './refusal.ts'
import { parseJson } from '../../../../shared/machinery/exact-json.ts'

interface Patching {
  webhook: string
  /** Absent for objects that are not of the resource's kind and are never stored. */
  resource: Resource | undefined
  /** JSON text. */
  patch: string
}

/**
 * An object as a webhook's patch makes it, decoded, pruned and defaulted as if a client had sent it; undefined if nothing
 * is changed. Throws 500 for what is no patch or makes no object.
 */
export function patchedBy(
  { webhook, resource, patch }: Patching,
  object: KubeObject | undefined,
): KubeObject | undefined {
  const operations = parsed(webhook, patch)
  if (operations.length === 0) return undefined
  if (!object) {
    throw internalError(
      `admission webhook ${quote(webhook)} attempted to modify the object, which is not supported for this operation`,
    )
  }
  const value = applied(operations, object)
  if (!isObject(value)) throw internalError(`json: cannot unmarshal into Go value of type ${object.kind ?? ''}`)
  if (!resource) return value as unknown as KubeObject
  const wrong = typeFault(resource, value)
  if (wrong !== undefined) throw internalError(wrong)
  strictFaults(resource, value, [])
  const patched = complete(resource, value)
  return jsonEqual(patched, object) ? undefined : patched
}

function parsed(webhook: string, patch: string): readonly unknown[] {
  try {
    const operations: unknown = parseJson(patch)
    if (Array.isArray(operations)) return operations
    throw new Error('json: cannot unmarshal object into Go value of type jsonpatch.Patch')
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw failedCalling(webhook, `received undecodable patch in webhook response: ${why}`)
  }
}

function applied(operations: readonly unknown[], object: KubeObject): unknown {
  try {
    return applyJsonPatch(object, operations)
  } catch (error) {
    if (error instanceof StatusError) throw internalError(error.message)
    throw error
  }
}
