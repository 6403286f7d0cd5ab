import type { Schema } from '../schema.ts'
import { escapeProperty } from './escape.ts'
import * as types from './type.ts'
import { dyn, type Type } from './type.ts'

/** The largest request, which bounds what no schema bounds. */
const maxRequestBytes = 3 * 1024 * 1024

/** A type with the least room its values take as JSON, in bytes. */
interface Sized {
  readonly type: Type
  readonly minSize: number
}

/**
 * The type that expressions see for values of a structural schema (apiserver/pkg/cel/common/schemas.go), or undefined for
 * what they can't see: schemas without a type. `root`: a whole resource, which has metadata, kind and apiVersion.
 */
export function typeOfSchema(schema: Schema, { name, root }: { name: string; root: boolean }): Type | undefined {
  return sizedType(root ? withObjectMeta(schema) : schema, name)?.type
}

/** How large the smallest value of a schema is as JSON. */
export function minSizeOf(schema: Schema, root: boolean): number {
  return sizedType(root ? withObjectMeta(schema) : schema, 'size')?.minSize ?? 0
}

function sizedType(given: Schema, name: string): Sized | undefined {
  const schema = given['x-kubernetes-embedded-resource'] ? withObjectMeta(given) : given
  if (schema['x-kubernetes-int-or-string']) return { type: { ...dyn, max: maxText(schema) }, minSize: 1 }
  switch (schema.type) {
    case 'array':
      return arrayType(schema, name)
    case 'object':
      return typeof schema.additionalProperties === 'object'
        ? mapType(schema, schema.additionalProperties, name)
        : objectType(schema, name)
    case 'string':
      return textType(schema)
    case 'boolean':
      return { type: { ...types.bool, max: 0 }, minSize: 4 }
    case 'number':
      return { type: { ...types.double, max: 0 }, minSize: 1 }
    case 'integer':
      return { type: { ...types.int, max: 0 }, minSize: 1 }
    case undefined:
      return undefined
  }
}

function arrayType({ items, maxItems }: Schema, name: string): Sized | undefined {
  const item = items && sizedType(items, `${name}.@idx`)
  if (!item) return undefined
  const max = maxItems ?? Math.floor((maxRequestBytes - 2) / (item.minSize + 1))
  return { type: { kind: 'list', element: item.type, max: Math.max(0, max) }, minSize: 2 }
}

function mapType({ maxProperties }: Schema, members: Schema, name: string): Sized | undefined {
  const member = sizedType(members, `${name}.@elem`)
  if (!member) return undefined
  const max = maxProperties ?? Math.floor((maxRequestBytes - 2) / (member.minSize + 6))
  return { type: { kind: 'map', key: types.string, value: member.type, max: Math.max(0, max) }, minSize: 2 }
}

function objectType({ properties = {}, required = [] }: Schema, name: string): Sized {
  const fields: Record<string, Type> = {}
  let minSize = 2
  for (const [property, schema] of Object.entries(properties)) {
    const field = sizedType(schema, `${name}.${property}`)
    if (!field) continue
    const escaped = escapeProperty(property)
    if (escaped !== undefined) fields[escaped] = field.type
    // What has a default need not be sent.
    if (required.includes(property) && schema.default === undefined) minSize += property.length + field.minSize + 4
  }
  return { type: { ...types.objectType(name, fields), max: 0 }, minSize }
}

function textType(schema: Schema): Sized {
  const max = maxText(schema)
  switch (schema.format) {
    case 'byte':
      return { type: { ...types.bytes, max: schema.maxLength ?? maxRequestBytes - 2 }, minSize: 2 }
    case 'duration':
      return { type: { ...types.duration, max: 32 }, minSize: 3 }
    case 'date':
      return { type: { ...types.timestamp, max: 12 }, minSize: 12 }
    case 'date-time':
      return { type: { ...types.timestamp, max: 32 }, minSize: 21 }
    default:
      return { type: { ...types.string, max }, minSize: 2 }
  }
}

/** In bytes: a character may take four. */
function maxText({ maxLength, enum: values = [] }: Schema): number {
  if (maxLength !== undefined) return Math.max(0, maxLength) * 4
  if (values.length === 0) return maxRequestBytes - 2
  return Math.max(...values.map(value => (typeof value === 'string' ? Buffer.byteLength(value) : 0)))
}

const text: Schema = { type: 'string' }

/** What rules may always see of a resource: type, name and generated name (WithTypeAndObjectMeta). */
export function withObjectMeta(schema: Schema): Schema {
  const known = completed.get(schema)
  if (known) return known
  const metadata: Schema = { type: 'object', properties: { name: text, generateName: text } }
  const full = { ...schema, properties: { ...schema.properties, kind: text, apiVersion: text, metadata } }
  completed.set(schema, full)
  return full
}

const completed = new WeakMap<Schema, Schema>()
