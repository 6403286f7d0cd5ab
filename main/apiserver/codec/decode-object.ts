import type { KubeObject } from '../../../shared/api/object.ts'
import { apiVersionOf } from '../../../shared/api/ref.ts'
import { invalid as invalidValue, notSupported } from '../../../shared/machinery/field-errors.ts'
import { isObject, type JsonObject } from '../../../shared/machinery/json-value.ts'
import { normalise, pruneUnknown } from '../../../shared/machinery/schema-walk.ts'
import { firstTypeFault } from '../../../shared/machinery/schema-validate.ts'
import { badRequest, invalid, type StatusError } from '../../../shared/machinery/status.ts'
import type { Resource } from '../../resources/resource.ts'
import { schemaOf } from '../../resources/schemas.ts'
import { asObject, type Decoded } from './body.ts'

/** What to do about unknown and duplicate fields (the fieldValidation parameter, KEP-2885). */
export type FieldValidation = 'Ignore' | 'Warn' | 'Strict'

/** `kind` is the type of the options, which a refusal names. Throws 422. */
export function fieldValidationOf(query: URLSearchParams, kind = 'CreateOptions'): FieldValidation {
  const asked = query.get('fieldValidation') ?? ''
  if (asked === '') return 'Warn'
  if (asked === 'Ignore' || asked === 'Warn' || asked === 'Strict') return asked
  const causes = [notSupported('fieldValidation', asked, ['', 'Ignore', 'Strict', 'Warn'])]
  throw invalid({ group: 'meta.k8s.io', kind, name: '' }, causes)
}

interface Strictness {
  resource: Resource
  validation: FieldValidation
  warn: (text: string) => void
}

/**
 * Makes an object of the kind out of a body: checks group, version, kind and types, drops unknown fields, fills in
 * defaults. `decoded` is private to the request. Throws a 400 in upstream's words.
 */
export function decodeObject(decoded: Decoded | undefined, { resource, validation, warn }: Strictness): KubeObject {
  const { ref } = resource
  const value = asObject(decoded?.value, ref.kind)
  checkType(value, resource)
  const unfit = (why: string) =>
    badRequest(`${ref.kind} in version "${ref.version}" cannot be handled as a ${ref.kind}: ${why}`)
  const wrong = typeFault(resource, value)
  if (wrong !== undefined) throw unfit(wrong)
  const faults = strictFaults(resource, value, decoded?.textFaults ?? [])
  if (faults.length > 0) {
    if (validation === 'Strict') throw unfit(strictFault(faults))
    if (validation === 'Warn') faults.forEach(warn)
  }
  return complete(resource, value)
}

/** A body of a type that is never stored, named by its definition: an object whose members have the right types. */
export function asTyped(definition: string, value: unknown): JsonObject {
  const [version = '', kind = ''] = definition.split('.').slice(-2)
  const object = asObject(value, kind)
  const wrong = firstTypeFault(schemaOf(definition), object)
  if (wrong !== undefined) throw badRequest(`${kind} in version "${version}" cannot be handled as a ${kind}: ${wrong}`)
  return object
}

/** What `fieldValidation=Strict` says of a body's faults. */
export function strictFault(faults: readonly string[]): string {
  return `strict decoding error: ${faults.join(', ')}`
}

/** What Go's decoder would say about the first value of a wrong type. */
export function typeFault(resource: Resource, value: JsonObject): string | undefined {
  return resource.structural ? resource.structural.fault(value) : firstTypeFault(resource.schema(), value)
}

/** Drops unknown fields in place; what strict decoding says about them and about the text, in upstream's order. */
export function strictFaults(resource: Resource, value: JsonObject, textFaults: readonly string[]): string[] {
  const { structural } = resource
  const fields = structural ? structural.prune(value) : pruneUnknown(resource.schema(), value)
  const unknown = fields.map(field => `unknown field "${field}"`)
  return structural ? [...textFaults, ...unknown] : [...unknown, ...textFaults]
}

/** Normal form and defaults; the value has the right types. */
export function complete(resource: Resource, value: JsonObject): KubeObject {
  if (!resource.structural) normalise(resource.schema(), value)
  if (!isObject(value.metadata)) value.metadata = {}
  if (!resource.structural && isObject(value.metadata)) dropEmpty(value.metadata)
  const { ref } = resource
  const object = Object.assign(value, { apiVersion: apiVersionOf(ref), kind: ref.kind }) as unknown as KubeObject
  resource.setDefaults?.(object)
  return object
}

/** What a patch has emptied is not there in what Go writes. */
function dropEmpty(metadata: JsonObject): void {
  for (const key of ['annotations', 'labels']) {
    if (isObject(metadata[key]) && Object.keys(metadata[key]).length === 0) Reflect.deleteProperty(metadata, key)
  }
}

/** A body may leave out its type; one that it names must be the one of the URL. */
function checkType(value: JsonObject, resource: Resource): void {
  const { ref, structural } = resource
  const { apiVersion, kind } = value
  if (structural) checkCustomKind(value, ref)
  const expected = apiVersionOf(ref)
  if (typeof apiVersion === 'string' && apiVersion !== '' && apiVersion !== expected) {
    throw versionMismatch(apiVersion, expected)
  }
  if (typeof kind === 'string' && kind !== '' && kind !== ref.kind) {
    const why = `converting (${expected}.${kind}) to (${expected}.${ref.kind}): unknown conversion`
    throw badRequest(`${kind} in version "${ref.version}" cannot be handled as a ${ref.kind}: ${why}`)
  }
}

/** A custom resource has to name its kind, and a wrong one is a fault of the object. */
function checkCustomKind(value: JsonObject, { group, kind: wanted }: Resource['ref']): void {
  const { kind, metadata } = value
  if (kind === undefined || kind === '') {
    const body = JSON.stringify(value)
    const why = `Object 'Kind' is missing in '${body}' (${body})`
    throw badRequest(`the object provided is unrecognized (must be of type ${wanted}): ${why}`)
  }
  if (typeof kind !== 'string' || kind === wanted) return
  const name = isObject(metadata) && typeof metadata.name === 'string' ? metadata.name : ''
  throw invalid({ group, kind, name }, [invalidValue('kind', kind, `must be ${wanted}`)])
}

function versionMismatch(given: string, expected: string): StatusError {
  return badRequest(`the API version in the data (${given}) does not match the expected API version (${expected})`)
}
