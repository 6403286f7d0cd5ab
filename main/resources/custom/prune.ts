import { child, index } from '../../../shared/machinery/field-errors.ts'
import { isList, isObject, type JsonObject } from '../../../shared/machinery/json-value.ts'
import type { Schema } from '../../../shared/machinery/schema.ts'
import { metaFields } from './meta-fields.ts'

interface Position {
  path: string
  unknown: string[]
}

/**
 * Removes what a structural schema does not specify, in place; the paths of what it was, sorted
 * (apiextensions-apiserver/pkg/apiserver/schema/pruning). apiVersion, kind and metadata of the object stay.
 */
export function pruneObject(schema: Schema, object: JsonObject): string[] {
  const unknown: string[] = []
  prune({ ...schema, 'x-kubernetes-embedded-resource': true }, object, { path: '', unknown })
  return unknown.sort()
}

/** The same for a value inside an object, which is no object of its own. */
export function pruneValue(schema: Schema, value: unknown): void {
  prune(schema, value, { path: '', unknown: [] })
}

function prune(schema: Schema | undefined, value: unknown, at: Position): void {
  const preserves = schema?.['x-kubernetes-preserve-unknown-fields'] === true
  if (isList(value)) {
    if (preserves && !schema.items) return
    // Items of a list whose unknown fields are kept keep theirs, unless their own schema is there to say otherwise.
    const items =
      preserves && schema.items ? { ...schema.items, 'x-kubernetes-preserve-unknown-fields': true } : schema?.items
    value.forEach((item, i) => prune(items, item, { ...at, path: index(at.path, i) }))
  } else if (isObject(value)) {
    for (const key of Object.keys(value)) pruneMember({ schema, value, key, preserves }, at)
  }
}

interface Member {
  schema: Schema | undefined
  value: JsonObject
  key: string
  preserves: boolean
}

function pruneMember({ schema, value, key, preserves }: Member, at: Position): void {
  if (schema?.['x-kubernetes-embedded-resource'] && metaFields.includes(key)) return
  const path = child(at.path, key)
  const { properties = {}, additionalProperties } = schema ?? {}
  if (Object.hasOwn(properties, key)) prune(properties[key], value[key], { ...at, path })
  else if (additionalProperties !== undefined) {
    // Where any value may be, no fields of objects are specified.
    prune(typeof additionalProperties === 'object' ? additionalProperties : undefined, value[key], { ...at, path })
  } else if (!preserves) {
    at.unknown.push(path)
    Reflect.deleteProperty(value, key)
  }
}

/** Removes nulls where the schema allows none and has no default to put there (defaulting/prunenulls.go). */
export function pruneNulls(schema: Schema | undefined, value: unknown): void {
  if (isList(value)) for (const item of value) pruneNulls(schema?.items, item)
  else if (isObject(value)) {
    for (const key of Object.keys(value)) {
      const member = memberOf(schema, key)
      const isWrong = value[key] === null && member && !member.nullable && (member.default ?? null) === null
      if (isWrong) Reflect.deleteProperty(value, key)
      else pruneNulls(member, value[key])
    }
  }
}

/** The schema of a member, by name or as one of many. */
export function memberOf(schema: Schema | undefined, key: string): Schema | undefined {
  const { properties, additionalProperties } = schema ?? {}
  if (properties && Object.hasOwn(properties, key)) return properties[key]
  return typeof additionalProperties === 'object' ? additionalProperties : undefined
}
