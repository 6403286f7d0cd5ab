import type { KubeObject, StatusCause } from '../../../shared/api/object.ts'
import { causeText, child, index, invalid, key, required } from '../../../shared/machinery/field-errors.ts'
import { isList, isObject, type JsonObject } from '../../../shared/machinery/json-value.ts'
import { isDns1035Label, isPathSegmentName } from '../../../shared/machinery/names.ts'
import { firstTypeFault } from '../../../shared/machinery/schema-validate.ts'
import { normalise, pruneUnknown } from '../../../shared/machinery/schema-walk.ts'
import type { Schema } from '../../../shared/machinery/schema.ts'
import { validateObjectMeta } from '../object-meta.ts'
import { schemaOf } from '../schemas.ts'

const objectMeta = () => schemaOf('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta')

interface Visit {
  (object: JsonObject, path: string): void
}

/** Visits every x-kubernetes-embedded-resource in a value, outer ones first. */
function eachEmbedded({
  schema,
  value,
  path,
  visit,
}: {
  schema: Schema
  value: unknown
  path: string
  visit: Visit
}): void {
  if (isList(value)) {
    const { items } = schema
    if (items) value.forEach((item, i) => eachEmbedded({ schema: items, value: item, path: index(path, i), visit }))
    return
  }
  if (!isObject(value)) return
  if (schema['x-kubernetes-embedded-resource']) visit(value, path)
  const { properties = {}, additionalProperties } = schema
  for (const name of Object.keys(value)) {
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined
    const own = property ?? (typeof additionalProperties === 'object' ? additionalProperties : undefined)
    const at = property ? child(path, name) : key(path, name)
    if (own) eachEmbedded({ schema: own, value: value[name], path: at, visit })
  }
}

/**
 * Whether a schema has embedded objects at all: most have none, and then nothing looks for them.
 */
export function hasEmbedded(schema: Schema): boolean {
  const { items, properties = {}, additionalProperties } = schema
  if (schema['x-kubernetes-embedded-resource']) return true
  if (items && hasEmbedded(items)) return true
  if (typeof additionalProperties === 'object' && hasEmbedded(additionalProperties)) return true
  return Object.values(properties).some(hasEmbedded)
}

/** Why an object's metadata can't be read, as Go's decoder says it; undefined if it can. */
export function metadataFault(metadata: unknown): string | undefined {
  return metadata === undefined ? undefined : firstTypeFault(objectMeta(), metadata)
}

/** Why an embedded object's own fields can't be read; undefined if all can. */
export function embeddedFault(schema: Schema, object: JsonObject): string | undefined {
  const faults: StatusCause[] = []
  const visit = (embedded: JsonObject, path: string) => {
    for (const name of ['apiVersion', 'kind']) {
      const value = embedded[name]
      if (value !== undefined && typeof value !== 'string')
        faults.push(invalid(child(path, name), value, 'must be a string'))
    }
    const fault = metadataFault(embedded.metadata)
    if (fault !== undefined) faults.push(invalid(child(path, 'metadata'), embedded.metadata, fault))
  }
  eachEmbedded({ schema, value: object, path: '', visit })
  return faults[0] && causeText(faults[0])
}

/** Brings metadata of the right types into its normal form, in place; the paths of what it does not have. */
export function coerceMetadata(object: JsonObject, path: string): string[] {
  const { metadata } = object
  if (!isObject(metadata)) return []
  const unknown = pruneUnknown(objectMeta(), metadata).map(name => `${child(path, 'metadata')}.${name}`)
  normalise(objectMeta(), metadata)
  return unknown
}

/** The same for all embedded objects. */
export function coerceEmbedded(schema: Schema, object: JsonObject): string[] {
  const unknown: string[] = []
  const visit = (embedded: JsonObject, path: string) => unknown.push(...coerceMetadata(embedded, path))
  eachEmbedded({ schema, value: object, path: '', visit })
  return unknown.sort()
}

/** Removes from embedded objects what they can't have: a schema may have become stricter than what is stored. */
export function dropUnreadable(schema: Schema, object: JsonObject): void {
  const visit = (embedded: JsonObject) => {
    for (const name of ['apiVersion', 'kind'])
      if (typeof embedded[name] !== 'string') Reflect.deleteProperty(embedded, name)
    const { metadata } = embedded
    if (metadata !== undefined && !isObject(metadata)) Reflect.deleteProperty(embedded, 'metadata')
    if (!isObject(metadata)) return
    for (const name of Object.keys(metadata)) {
      if (metadataFault({ [name]: metadata[name] }) !== undefined) Reflect.deleteProperty(metadata, name)
    }
  }
  eachEmbedded({ schema, value: object, path: '', visit })
}

/** What is wrong with embedded objects as such (apiserver/schema/objectmeta/validation.go). */
export function validateEmbedded(schema: Schema, value: unknown, path = ''): StatusCause[] {
  const faults: StatusCause[] = []
  const visit = (embedded: JsonObject, at: string) => faults.push(...validateObject(embedded, at))
  eachEmbedded({ schema, value, path, visit })
  return faults
}

function validateObject({ apiVersion, kind, metadata }: JsonObject, path: string): StatusCause[] {
  const faults = [
    ...validateApiVersion(apiVersion, child(path, 'apiVersion')),
    ...validateKind(kind, child(path, 'kind')),
  ]
  if (metadata === undefined) return faults
  const fault = metadataFault(metadata)
  if (fault !== undefined) return [...faults, invalid(child(path, 'metadata'), metadata, fault)]
  const own = { ...(metadata as KubeObject['metadata']) }
  // A name may be left out.
  if (!own.name) own.name = 'fakename'
  const namespaced = Boolean(own.namespace)
  const meta = validateObjectMeta(
    { metadata: own },
    { ref: { namespaced }, validateName: isPathSegmentName, anyFinalizer: true },
  )
  return [...faults, ...meta.map(cause => ({ ...cause, field: child(path, cause.field ?? '') }))]
}

function validateApiVersion(value: unknown, path: string): StatusCause[] {
  if (value === undefined) return [required(path)]
  if (typeof value !== 'string') return [invalid(path, value, 'must be a string')]
  if (value === '') return [invalid(path, value, 'must not be empty')]
  if (value.split('/').length <= 2) return []
  return [invalid(path, value, `unexpected GroupVersion string: ${value}`)]
}

function validateKind(value: unknown, path: string): StatusCause[] {
  if (value === undefined) return [required(path)]
  if (typeof value !== 'string') return [invalid(path, value, 'must be a string')]
  if (value === '') return [invalid(path, value, 'must not be empty')]
  const faults = isDns1035Label(value.toLowerCase())
  return faults.length === 0
    ? []
    : [invalid(path, value, `may have mixed case, but should otherwise match: ${faults.join(',')}`)]
}
