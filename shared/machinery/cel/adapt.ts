import type { Schema } from '../schema.ts'
import { isList, isObject, type JsonObject } from '../json-value.ts'
import { createMembership, equal } from './equality.ts'
import { escapeProperty, unescapeProperty } from './escape.ts'
import { parseDuration, parseInstant } from './lib/time.ts'
import { withObjectMeta } from './schema-type.ts'
import { bytesOf, itemsOf, listOf, type List, type MapValue, type Value } from './value.ts'

/** JSON without a schema: whole numbers are ints, objects are maps. Nothing is copied: members are adapted when asked for. */
export function adaptAny(raw: unknown): Value {
  if (isList(raw)) return { kind: 'list', length: raw.length, at: i => adaptAny(raw[i]) }
  if (isObject(raw)) return adaptMap(raw, adaptAny)
  return adaptScalar(raw)
}

function adaptScalar(raw: unknown): Value {
  switch (typeof raw) {
    case 'string':
    case 'boolean':
    case 'bigint':
      return raw
    case 'number':
      return Number.isInteger(raw) ? BigInt(raw) : raw
    default:
      return null
  }
}

function adaptMap(raw: JsonObject, adapt: (member: unknown) => Value): MapValue {
  return {
    kind: 'map',
    get size() {
      return Object.keys(raw).length
    },
    get: key => (typeof key === 'string' && Object.hasOwn(raw, key) ? adapt(raw[key]) : undefined),
    keys: () => Object.keys(raw),
  }
}

/** JSON of a structural schema (apiserver/pkg/cel/common/valuesunstructured.go). `root`: a whole resource. */
export function adapt(raw: unknown, schema: Schema, root = false): Value {
  if (raw === null || raw === undefined) return null
  if (schema['x-kubernetes-int-or-string']) return adaptScalar(raw)
  switch (schema.type) {
    case 'array':
      return isList(raw) ? adaptList(raw, schema) : null
    case 'object':
      return isObject(raw) ? adaptObject(raw, root ? withObjectMeta(schema) : schema) : null
    case 'number':
      return typeof raw === 'number' || typeof raw === 'bigint' ? Number(raw) : null
    case 'string':
      return typeof raw === 'string' ? adaptText(raw, schema.format) : null
    default:
      return adaptAny(raw)
  }
}

function adaptText(text: string, format: string | undefined): Value {
  switch (format) {
    case 'byte':
      return bytesOf(Uint8Array.fromBase64(text))
    case 'duration':
      return parseDuration(text) ?? text
    case 'date':
      return parseInstant(`${text}T00:00:00Z`) ?? text
    case 'date-time':
      return parseInstant(text) ?? text
    default:
      return text
  }
}

function adaptObject(raw: JsonObject, schema: Schema): Value {
  const { additionalProperties, properties } = schema
  if (typeof additionalProperties === 'object') {
    return adaptMap(raw, member => adapt(member, additionalProperties, embedded(additionalProperties)))
  }
  if (!properties && schema['x-kubernetes-preserve-unknown-fields']) return adaptAny(raw)
  return {
    kind: 'struct',
    name: 'object',
    get(field) {
      const name = unescapeProperty(field)
      const property = properties && Object.hasOwn(properties, name) ? properties[name] : undefined
      if (!property || !Object.hasOwn(raw, name)) return undefined
      return adapt(raw[name], property, embedded(property))
    },
    fields: () =>
      Object.keys(raw).flatMap(name =>
        properties && Object.hasOwn(properties, name) ? (escapeProperty(name) ?? []) : [],
      ),
  }
}

const embedded = (schema: Schema) => schema['x-kubernetes-embedded-resource'] === true

function adaptList(raw: readonly unknown[], schema: Schema): List {
  const items = schema.items ?? {}
  const plain: List = { kind: 'list', length: raw.length, at: i => adapt(raw[i], items, embedded(items)) }
  switch (schema['x-kubernetes-list-type']) {
    case 'set':
      return asSet(plain)
    case 'map':
      return asKeyed(plain, keysOf(schema['x-kubernetes-list-map-keys'] ?? []))
    default:
      return plain
  }
}

/** A list in which order does not count: `+` adds what is not there. */
function asSet(list: List): List {
  return {
    ...list,
    equals: other => {
      const set = setOf(other)
      for (const item of itemsOf(list)) if (!set.has(item)) return false
      return true
    },
    concat: other => {
      const set = setOf(list)
      return asSet(listOf([...itemsOf(list), ...[...itemsOf(other)].filter(item => !set.has(item))]))
    },
  }
}

function setOf(list: List): ReturnType<typeof createMembership> {
  const set = createMembership()
  for (const item of itemsOf(list)) set.add(item)
  return set
}

/** A list whose elements have keys: order does not count, and `+` puts elements in the place of those with their key. */
function asKeyed(list: List, keys: Keys): List {
  const index = () => new Map(Array.from({ length: list.length }, (_, i) => [keys.of(list.at(i)), list.at(i)]))
  return {
    ...list,
    equals: other => {
      const own = index()
      for (const item of itemsOf(other)) {
        const same = own.get(keys.of(item))
        if (same === undefined || !equal(same, item)) return false
      }
      return true
    },
    concat: other => {
      const merged = index()
      for (const item of itemsOf(other)) merged.set(keys.of(item), item)
      return asKeyed(listOf([...merged.values()]), keys)
    },
  }
}

interface Keys {
  of(item: Value): string
}

function keysOf(names: readonly string[]): Keys {
  const part = (item: Value, name: string) => {
    if (item === null || typeof item !== 'object' || (item.kind !== 'struct' && item.kind !== 'map')) return null
    const value = item.get(escapeProperty(name) ?? name)
    return typeof value === 'bigint' ? Number(value) : (value ?? null)
  }
  return { of: item => JSON.stringify(names.map(name => part(item, name))) }
}
