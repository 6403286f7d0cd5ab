import { isObject, type JsonObject } from '../json-value.ts'
import type { Schema } from '../schema.ts'
import { fieldElement, keyElement, valueElement } from './path-element.ts'

/** What stands at a place: a list or map may be a whole there ('atomic') or made of items that have owners of their own. */
export type Relation = 'atomic' | 'granular'

/** Any value: maps are granular and lists atomic (kube-openapi schemaconv, `__untyped_deduced_`). */
const deduced: Schema = { 'x-kubernetes-preserve-unknown-fields': true }

export const mapRelation = (schema: Schema): Relation =>
  schema['x-kubernetes-map-type'] === 'atomic' ? 'atomic' : 'granular'

/**
 * How a list is divided: not at all, as a set of scalars (no keys), or by the keys of its items, which are in the order of
 * their names. Lists that only say how a strategic patch merges them are divided the same way.
 */
export function listKeys(schema: Schema): 'atomic' | readonly string[] {
  const known = listKeysOf.get(schema)
  if (known) return known
  const keys = readListKeys(schema)
  listKeysOf.set(schema, keys)
  return keys
}

const listKeysOf = new WeakMap<Schema, 'atomic' | readonly string[]>()

function readListKeys(schema: Schema): 'atomic' | readonly string[] {
  const strategy = schema['x-kubernetes-patch-strategy'] ?? ''
  const mergeKey = schema['x-kubernetes-patch-merge-key']
  switch (schema['x-kubernetes-list-type']) {
    case 'set':
      return []
    case 'map':
      return (schema['x-kubernetes-list-map-keys'] ?? []).toSorted()
    case 'atomic':
      return 'atomic'
    case undefined:
      if (!strategy.split(',').includes('merge')) return 'atomic'
      return mergeKey === undefined ? [] : [mergeKey]
  }
}

export const itemSchema = (schema: Schema): Schema => schema.items ?? deduced

/** Whether a map's member is a field that the schema names, and not one of many of the same type. */
export const isField = (schema: Schema, key: string): boolean =>
  schema.properties !== undefined && Object.hasOwn(schema.properties, key)

/** The schema of a map's member. */
export function memberSchema(schema: Schema, key: string): Schema {
  const members = membersOf(schema)
  return members.fields.get(key)?.schema ?? members.other
}

/** What a schema says about the members of a map, made once for each. */
export interface Members {
  readonly fields: ReadonlyMap<string, { readonly schema: Schema; readonly element: string }>
  /** Of the fields, in order. */
  readonly names: readonly string[]
  /** Whether there may be others. */
  readonly open: boolean
  /** Their schema. */
  readonly other: Schema
}

export function membersOf(schema: Schema): Members {
  let members = membersOfSchema.get(schema)
  if (!members) {
    const { properties = {}, additionalProperties } = schema
    const names = Object.keys(properties).sort()
    const fields = names.map(
      name => [name, { schema: properties[name] ?? deduced, element: fieldElement(name) }] as const,
    )
    const other = typeof additionalProperties === 'object' ? additionalProperties : deduced
    members = { fields: new Map(fields), names, open: isOpen(schema), other }
    membersOfSchema.set(schema, members)
  }
  return members
}

const membersOfSchema = new WeakMap<Schema, Members>()

const isOpen = (schema: Schema) =>
  schema.properties === undefined ||
  (schema.additionalProperties !== undefined && schema.additionalProperties !== false) ||
  schema['x-kubernetes-preserve-unknown-fields'] === true ||
  schema['x-kubernetes-embedded-resource'] === true

/** Undefined for a member that the schema does not allow. */
export function declaredMember(schema: Schema, key: string): Schema | undefined {
  const { properties, additionalProperties } = schema
  if (properties && isField(schema, key)) return properties[key]
  if (typeof additionalProperties === 'object') return additionalProperties
  const free = additionalProperties === true || schema['x-kubernetes-preserve-unknown-fields'] === true
  const embedded = schema['x-kubernetes-embedded-resource'] === true && ['apiVersion', 'kind', 'metadata'].includes(key)
  return free || embedded || (properties === undefined && additionalProperties === undefined) ? deduced : undefined
}

/** An item or field that does not stand in a list or map as it should; the messages are upstream's. */
export class FieldTypeError extends Error {
  override readonly name = 'FieldTypeError'
}

/** The path element of a list's item. Throws a FieldTypeError for one that can't be told from the others. */
export function itemElement(schema: Schema, keys: readonly string[], item: unknown): string {
  return keys.length === 0 ? setElement(item) : keyedElement(schema, keys, item)
}

function setElement(item: unknown): string {
  if (isObject(item)) throw new FieldTypeError("associative list without keys has an element that's a map type")
  if (Array.isArray(item)) throw new FieldTypeError('not supported: associative list with lists as elements')
  if (item === null) throw new FieldTypeError("associative list without keys has an element that's an explicit null")
  return valueElement(item)
}

function keyedElement(schema: Schema, keys: readonly string[], item: unknown): string {
  if (item === null) throw new FieldTypeError('associative list with keys may not have a null element')
  if (!isObject(item)) throw new FieldTypeError('associative list with keys may not have non-map elements')
  const found: (readonly [string, unknown])[] = []
  for (const key of keys) {
    const value = keyOf(schema, item, key)
    if (value !== undefined) found.push([key, value])
  }
  if (found.length > 0) return keyElement(found)
  const names = keys.map(key => JSON.stringify(key)).join(' ')
  throw new FieldTypeError(
    `associative list with keys has an element that omits all key fields [${names}] (and doesn't have default values for any key fields)`,
  )
}

const keyOf = (schema: Schema, item: JsonObject, key: string): unknown =>
  item[key] === undefined ? schema.items?.properties?.[key]?.default : item[key]

/** Whether two lists of the same length have the same items at the same places, as far as keys tell. */
export function sameItems(
  schema: Schema,
  keys: readonly string[],
  a: readonly unknown[],
  b: readonly unknown[],
): boolean {
  return a.every((item, at) => {
    const other = b[at]
    if (keys.length === 0) return item === other
    return (
      isObject(item) && isObject(other) && keys.every(key => keyOf(schema, item, key) === keyOf(schema, other, key))
    )
  })
}
