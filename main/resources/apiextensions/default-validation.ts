import type { StatusCause } from '../../../shared/api/object.ts'
import { child, invalid, key } from '../../../shared/machinery/field-errors.ts'
import { isObject, jsonEqual, type JsonObject } from '../../../shared/machinery/json-value.ts'
import type { Schema } from '../../../shared/machinery/schema.ts'
import { embeddedFault, validateEmbedded } from '../custom/embedded-objects.ts'
import { metaFields } from '../custom/meta-fields.ts'
import { pruneObject, pruneValue } from '../custom/prune.ts'
import { validateValue } from '../custom/value-validation.ts'
import type { SchemaRules } from './rules.ts'
import { hasDefault } from './sub-schemas.ts'

interface Position {
  path: string
  rules: SchemaRules
  /** For schemas inside metadata, apiVersion or kind of an object: makes an object that has only this value. */
  insideMeta: ((value: unknown) => JsonObject) | undefined
}

/** Whether the defaults of a structural schema are values that it takes (apiserver/schema/defaulting/validation.go). */
export function validateDefaults(schema: Schema, path: string, rules: SchemaRules): StatusCause[] {
  return walk({ ...schema, 'x-kubernetes-embedded-resource': true }, { path, rules, insideMeta: undefined })
}

function walk(schema: Schema, at: Position): StatusCause[] {
  const faults = hasDefault(schema) ? validateDefault(schema, at) : []
  const isEmbedded = schema['x-kubernetes-embedded-resource'] === true
  const around = isEmbedded ? undefined : at.insideMeta
  if (schema.items) {
    const insideMeta = around && ((value: unknown) => around([value]))
    faults.push(...walk(schema.items, { ...at, path: child(at.path, 'items'), insideMeta }))
  }
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const begins = isEmbedded && metaFields.includes(name)
    const insideMeta = begins
      ? (value: unknown) => ({ apiVersion: 'validation/v1', kind: 'Validation', [name]: value })
      : around && ((value: unknown) => around({ [name]: value }))
    faults.push(...walk(property, { ...at, path: key(child(at.path, 'properties'), name), insideMeta }))
  }
  return faults
}

function validateDefault(schema: Schema, { path, rules, insideMeta }: Position): StatusCause[] {
  const value = structuredClone(schema.default)
  const at = child(path, 'default')
  const isEmbedded = schema['x-kubernetes-embedded-resource'] === true
  const object = insideMeta ? insideMeta(value) : undefined
  const faults: StatusCause[] = []
  if (!object) {
    const pruned = structuredClone(value)
    if (isEmbedded && isObject(pruned)) pruneObject(schema, pruned)
    else pruneValue(schema, pruned)
    if (!jsonEqual(pruned, value)) faults.push(invalid(at, value, 'must not have unknown fields'))
  }
  const meta = validateMeta(schema, { object, value, path: at })
  if (meta.length > 0) return [...faults, ...meta]
  const own = validateValue(schema, value, { prefix: at })
  if (own.length > 0) return [...faults, ...own]
  return [...faults, ...(rules.compile(schema)?.({ value, old: undefined, path: at }) ?? [])]
}

function validateMeta(
  schema: Schema,
  { object, value, path }: { object: JsonObject | undefined; value: unknown; path: string },
): StatusCause[] {
  const root: Schema = { 'x-kubernetes-embedded-resource': true }
  if (object) {
    const fault = embeddedFault(root, object)
    const faults = fault === undefined ? validateEmbedded(root, object) : []
    const texts = fault === undefined ? faults.map(({ field = '', message = '' }) => `${field}: ${message}`) : [fault]
    return texts.slice(0, 1).map(text => invalid(path, value, `must result in valid metadata: ${text}`))
  }
  if (!isObject(value)) return []
  const fault = embeddedFault(schema, value)
  return fault === undefined ? validateEmbedded(schema, value, path) : [invalid(path, value, fault)]
}
