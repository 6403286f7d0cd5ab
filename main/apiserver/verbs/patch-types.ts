import type { JsonObject } from '../../../shared/machinery/json-value.ts'
import { applyJsonPatch } from '../../../shared/machinery/json-patch.ts'
import { applyMergePatch } from '../../../shared/machinery/merge-patch.ts'
import type { Schema } from '../../../shared/machinery/schema.ts'
import { badRequest, unsupportedMediaType } from '../../../shared/machinery/status.ts'
import { applyStrategicMergePatch } from '../../../shared/machinery/strategic-merge-patch.ts'
import { assertModest, decodeJson, bodyLimit, type Decoded } from '../codec/body.ts'
import { headerOf, type ServerRequest } from '../request.ts'

/** Applies a patch to a copy of an object. Throws 400 and 422. */
export type Patch = (original: JsonObject) => unknown

/** The media types of patches, as a 415 names them. */
const accepted = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
]

/** Reads a patch of one of three types; `schema` gives the merge keys of strategic ones. Throws 400, 413 and 415. */
export async function readPatch(
  request: ServerRequest,
  schema: () => Schema,
): Promise<{ apply: Patch; textFaults: string[] }> {
  const type = headerOf(request, 'content-type').split(';', 1)[0]?.trim() ?? ''
  if (!accepted.includes(type)) {
    throw unsupportedMediaType(
      `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
    )
  }
  const { value: patch, textFaults } = await readText(request)
  switch (type) {
    case 'application/json-patch+json':
      return { apply: original => applyJsonPatch(original, patch), textFaults }
    case 'application/merge-patch+json':
      return { apply: original => applyMergePatch(original, patch), textFaults }
    default:
      return { apply: original => applyStrategicMergePatch({ schema: schema(), original, patch }), textFaults }
  }
}

async function readText(request: ServerRequest): Promise<Decoded> {
  if ('value' in request.body) return { value: assertModest(request.body.value), textFaults: [] }
  const bytes = await request.body.read(bodyLimit)
  if (bytes.length === 0) throw badRequest('the patch is empty')
  return decodeJson(bytes.toString('utf8'), true)
}
