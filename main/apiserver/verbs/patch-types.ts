import { notUnmarshalled } from '../../../shared/machinery/go-types.ts'
import { goValue, isList, isObject, type JsonObject } from '../../../shared/machinery/json-value.ts'
import { applyJsonPatch } from '../../../shared/machinery/json-patch.ts'
import { applyMergePatch } from '../../../shared/machinery/merge-patch.ts'
import type { Schema } from '../../../shared/machinery/schema.ts'
import { badRequest, failure, StatusError, unsupportedMediaType } from '../../../shared/machinery/status.ts'
import { applyStrategicMergePatch } from '../../../shared/machinery/strategic-merge-patch.ts'
import { assertModest, decodeJson, bodyLimit, type Decoded } from '../codec/body.ts'
import { fieldValidationOf } from '../codec/decode-object.ts'
import { headerOf, type ServerRequest } from '../request.ts'

/** A patch as a client sent it. */
export interface Patch {
  /** Applies it to a copy of an object. Throws 400 and 422. */
  readonly transform: (original: JsonObject) => unknown
  /** False: the patch can do without the managed fields of what it is applied to. */
  readonly namesManagedFields: boolean
  /** See Decoded. */
  readonly textFaults: readonly string[]
  /** What an error shows where it does not show the patched object: the patch, as Go prints it. */
  readonly text?: string
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
  if (!transform) throw schema ? unrouted() : unsupported(types)
  const { value, textFaults } = await readText(request, type)
  const patch = validationOf(request) === 'Ignore' ? value : shaped(type, value)
  return {
    transform: original => transform({ schema, original, patch }),
    namesManagedFields: namesManaged(patch),
    textFaults,
    ...(type === strategic && { text: goValue(patch) }),
  }
}

const unsupported = (types: readonly string[]) =>
  unsupportedMediaType(
    `the body of the request was in an unknown format - accepted media types include: ${types.join(', ')}`,
  )

/** Built-in kinds are behind a router that knows their media types and says less. */
const unrouted = () =>
  failure({ code: 415, reason: 'UnsupportedMediaType', message: '415: Unsupported Media Type', details: {} })

/** Throws 400 for what a strict decoder, which upstream asks first, finds is no patch (handlers/patch.go applyJSPatch). */
function shaped(type: string, patch: unknown): unknown {
  const unfit = (...about: Parameters<typeof notUnmarshalled>) =>
    badRequest(`error decoding patch: ${notUnmarshalled(...about)}`)
  if (type === 'application/merge-patch+json') {
    if (!isObject(patch) && patch !== null) throw unfit(patch, 'map[string]interface {}')
    return patch
  }
  if (type === strategic) return patch
  if (patch === null) return []
  if (!isList(patch)) throw unfit(patch, '[]handlers.jsonPatchOp')
  for (const item of patch) {
    if (!isObject(item)) throw unfit(item, 'handlers.jsonPatchOp')
    for (const member of ['op', 'path', 'from']) {
      const value = item[member] ?? ''
      if (typeof value !== 'string') throw unfit(value, 'string', `jsonPatchOp.${member}`)
    }
  }
  return patch
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

async function readText(request: ServerRequest, type: string): Promise<Decoded> {
  if ('value' in request.body) {
    assertModest(request.body.value)
    return { value: request.body.value, textFaults: [] }
  }
  const text = (await request.body.read(bodyLimit)).toString('utf8')
  if (type === strategic) return decodeJson(text, true, '')
  if (validationOf(request) !== 'Ignore') return decodeJson(text, true, 'error decoding patch: ')
  if (type !== 'application/merge-patch+json') return decodeJson(text, true, '')
  try {
    return decodeJson(text, true)
  } catch (error) {
    throw error instanceof StatusError && error.code === 400 ? badRequest('Invalid JSON Patch') : error
  }
}

const validationOf = ({ query }: ServerRequest) => fieldValidationOf(query, 'PatchOptions')
