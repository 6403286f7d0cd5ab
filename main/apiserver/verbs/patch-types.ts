import { isList, isObject, type JsonObject } from '../../../shared/machinery/json-value.ts'
import { applyJsonPatch } from '../../../shared/machinery/json-patch.ts'
import { applyMergePatch } from '../../../shared/machinery/merge-patch.ts'
import type { Schema } from '../../../shared/machinery/schema.ts'
import { badRequest, unsupportedMediaType } from '../../../shared/machinery/status.ts'
import { applyStrategicMergePatch } from '../../../shared/machinery/strategic-merge-patch.ts'
import { assertModest, decodeJson, bodyLimit, type Decoded } from '../codec/body.ts'
import { headerOf, type ServerRequest } from '../request.ts'

/** A patch as a client sent it. */
export interface Patch {
  /** Applies it to a copy of an object. Throws 400 and 422. */
  readonly transform: (original: JsonObject) => unknown
  /** False: the patch can do without the managed fields of what it is applied to. */
  readonly namesManagedFields: boolean
  /** See Decoded. */
  readonly textFaults: readonly string[]
}

const strategic = 'application/strategic-merge-patch+json'
/** The media types of patches, as a 415 names them. */
const accepted = [
  'application/json-patch+json',
  'application/merge-patch+json',
  strategic,
  'application/apply-patch+yaml',
]

export const patchTypeOf = (request: ServerRequest): string =>
  headerOf(request, 'content-type').split(';', 1)[0]?.trim() ?? ''

/**
 * Reads a patch that is no apply; `schema` gives the merge keys of strategic ones, which are not taken without. Throws
 * 400, 413 and 415.
 */
export async function readPatch(request: ServerRequest, schema: (() => Schema) | undefined): Promise<Patch> {
  const types = schema ? accepted : accepted.filter(type => type !== strategic)
  const type = patchTypeOf(request)
  const transform = types.includes(type) ? transforms[type] : undefined
  if (!transform) {
    throw unsupportedMediaType(
      `the body of the request was in an unknown format - accepted media types include: ${types.join(', ')}`,
    )
  }
  const { value: patch, textFaults } = await readText(request)
  const namesManagedFields = namesManaged(patch)
  return { transform: original => transform({ schema, original, patch }), namesManagedFields, textFaults }
}

type Transform = (given: { schema: (() => Schema) | undefined; original: JsonObject; patch: unknown }) => unknown

const transforms: Partial<Record<string, Transform>> = {
  'application/json-patch+json': ({ original, patch }) => applyJsonPatch(original, patch),
  'application/merge-patch+json': ({ original, patch }) => applyMergePatch(original, patch),
  [strategic]: ({ schema, original, patch }) => applyStrategicMergePatch({ schema: schema?.() ?? {}, original, patch }),
}

function namesManaged(patch: unknown): boolean {
  if (!isList(patch))
    return isObject(patch) && isObject(patch.metadata) && Object.hasOwn(patch.metadata, 'managedFields')
  return patch.some(operation => isObject(operation) && [operation.path, operation.from].some(isAtManagedFields))
}

/** At them, below them, or at what they are in. */
const isAtManagedFields = (path: unknown) =>
  typeof path === 'string' && /^(?:\/metadata(?:\/managedFields(?:\/.*)?)?)?$/.test(path)

async function readText(request: ServerRequest): Promise<Decoded> {
  if ('value' in request.body) {
    assertModest(request.body.value)
    return { value: request.body.value, textFaults: [] }
  }
  const bytes = await request.body.read(bodyLimit)
  if (bytes.length === 0) throw badRequest('the patch is empty')
  return decodeJson(bytes.toString('utf8'), true)
}
