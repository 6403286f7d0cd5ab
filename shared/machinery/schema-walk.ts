import { isList, isObject, setMember, type JsonObject } from './json-value.ts'
import { formatQuantity } from './quantity.ts'
import type { Schema } from './schema.ts'

/**
 * Removes what the schema does not know and returns where it was, as upstream words it in `unknown field
 * "spec.containers[0].foo"`. Objects below `x-kubernetes-preserve-unknown-fields` are left alone unless the schema
 * names them.
 */
export function pruneUnknown(schema: Schema, value: unknown): string[] {
  const unknown: string[] = []
  prune(schema, value, unknown)
  return unknown
}

/** Paths are made on the way back, and only where something unknown was found. */
function prune(schema: Schema, value: unknown, unknown: string[]): void {
  if (isList(value)) {
    const { items } = schema
    if (items) value.forEach((item, i) => pruneBelow(items, item, { unknown, step: i }))
    return
  }
  if (!isObject(value)) return
  for (const key of Object.keys(value)) {
    const member = memberSchema(schema, key)
    if (member) pruneBelow(member, value[key], { unknown, step: key })
    else if (!preserves(schema)) {
      unknown.push(key)
      Reflect.deleteProperty(value, key)
    }
  }
}

function pruneBelow(schema: Schema, value: unknown, at: { unknown: string[]; step: string | number }): void {
  if (typeof value !== 'object') return
  const { unknown, step } = at
  const from = unknown.length
  prune(schema, value, unknown)
  for (let i = from; i < unknown.length; i++) unknown[i] = joined(step, unknown[i] ?? '')
}

/** `spec` and `[0].x` are `spec[0].x`. */
function joined(step: string | number, rest: string): string {
  const start = typeof step === 'number' ? `[${step}]` : step
  return rest.startsWith('[') ? start + rest : `${start}.${rest}`
}

const preserves = (schema: Schema) =>
  schema['x-kubernetes-preserve-unknown-fields'] === true || schema.additionalProperties === true

function memberSchema(schema: Schema, key: string): Schema | undefined {
  const { properties, additionalProperties } = schema
  if (properties && Object.hasOwn(properties, key)) return properties[key]
  if (schema['x-kubernetes-embedded-resource'] && embedded.includes(key)) return {}
  return typeof additionalProperties === 'object' ? additionalProperties : undefined
}

const embedded = ['apiVersion', 'kind', 'metadata']

/**
 * Fills in the schema's defaults in place, parents first, as apiextensions-apiserver/pkg/apiserver/schema/defaulting:
 * an absent member gets its default, and so does a null where null is not allowed.
 */
export function applyDefaults(schema: Schema, value: unknown): void {
  if (isList(value)) {
    const { items } = schema
    if (items) for (const item of value) applyDefaults(items, item)
    return
  }
  if (!isObject(value)) return
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    if (property.default === undefined) continue
    const absent = !Object.hasOwn(value, key) || value[key] === undefined
    if (absent || (value[key] === null && property.nullable !== true))
      setMember(value, key, structuredClone(property.default))
  }
  for (const key of Object.keys(value)) {
    const member = memberSchema(schema, key)
    if (member) applyDefaults(member, value[key])
  }
}

/**
 * Brings values of the right types into the form upstream gives them when it decodes and encodes a built-in: nulls are
 * absences (in lists and maps: zero values), quantities are canonical, instants are in UTC, and a required member that is missing has the zero value that
 * it has in Go. Changes the value in place. Not for custom resources, which keep what they are sent.
 */
export function normalise(schema: Schema, value: unknown): void {
  if (isList(value)) {
    const { items } = schema
    if (items) value.forEach((item, i) => (value[i] = normalised(items, item)))
  } else if (isObject(value)) {
    for (const key of Object.keys(value)) normaliseMember({ schema, object: value, key })
    for (const key of schema.required ?? []) {
      const zero = Object.hasOwn(value, key) ? undefined : zeroOf(schema.properties?.[key] ?? {})
      if (zero !== undefined) setMember(value, key, zero)
    }
  }
}

/** Objects are left out: where Go has a pointer, absent and empty are not the same. */
function zeroOf(schema: Schema): unknown {
  if (schema['x-kubernetes-int-or-string']) return 0
  if (schema.format === 'quantity' || schema.format === 'date-time') return undefined
  switch (schema.type) {
    case 'string':
      return ''
    case 'integer':
    case 'number':
      return 0
    case 'boolean':
      return false
    case 'array':
      return []
    default:
      return undefined
  }
}

function normaliseMember({ schema, object, key }: { schema: Schema; object: JsonObject; key: string }): void {
  const member = memberSchema(schema, key)
  if (!member) return
  const isField = Object.hasOwn(schema.properties ?? {}, key)
  if (object[key] === null && isField && !isFreeForm(member)) Reflect.deleteProperty(object, key)
  else {
    const value = normalised(member, object[key])
    if (value !== object[key]) setMember(object, key, value)
  }
}

const isFreeForm = (schema: Schema) => preserves(schema) && schema.type === undefined

function normalised(schema: Schema, value: unknown): unknown {
  if (value === null) return unset(schema)
  if (schema.format === 'quantity') return formatQuantity(value as string | number)
  if (schema.format === 'date-time' && typeof value === 'string') return utc(value)
  normalise(schema, value)
  return value
}

/** What Go leaves where a null stands in a list or a map. */
function unset(schema: Schema): unknown {
  if (schema.format === 'quantity') return '0'
  if (schema.type !== 'object') return zeroOf(schema) ?? null
  const empty = {}
  normalise(schema, empty)
  return empty
}

/** An RFC 3339 instant in UTC with the digits of a second it came with. */
function utc(instant: string): string {
  if (instant.endsWith('Z')) return instant
  const fraction = /\.\d+/.exec(instant)?.[0] ?? ''
  return new Date(instant).toISOString().replace(/\.\d+Z$/, `${fraction}Z`)
}
