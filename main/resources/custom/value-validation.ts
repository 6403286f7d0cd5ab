import type { StatusCause } from '../../../shared/api/object.ts'
import { index, notSupported, tooMany } from '../../../shared/machinery/field-errors.ts'
import { isList, isObject, jsonEqual, type JsonObject } from '../../../shared/machinery/json-value.ts'
import type { Schema } from '../../../shared/machinery/schema.ts'
import { validateJunctors } from './junctor-validation.ts'
import { validateNumber, validateText, validateType } from './scalar-validation.ts'
import { createResult, fieldOf, invalidValue, type Place, type Result } from './validation-result.ts'

/** The value that a new one replaces, where the two can be told to be the same thing. */
type Old = { value: unknown } | undefined

interface Options {
  /** Where the value is in the object: '' for the object itself, `status`. */
  prefix: string
  /** What an update replaces: values that it leaves as they are may stay wrong (KEP-4008, ratcheting). */
  old?: { value: unknown }
}

/**
 * What is wrong with a value by its schema, rules in CEL apart, in the words of kube-openapi/pkg/validation as
 * apiextensions-apiserver/pkg/apiserver/validation passes them on.
 */
export function validateValue(schema: Schema, value: unknown, { prefix, old }: Options): StatusCause[] {
  return [...walk(schema, value, { path: '', prefix, old }).faults]
}

type Position = Place & { old: Old }

/** One value against one schema. */
function walk(schema: Schema, value: unknown, at: Position): Result {
  const result = createResult()
  result.merge(validateType(schema, value, at))
  if (value === null) {
    result.merge(validateEnum(schema, value, at))
    return ratcheted(result, value, at)
  }
  result.count(1)
  result.merge(validateJunctors(schema, at, one => walk(one, value, at)))
  if (typeof value === 'string') result.merge(validateText(schema, value, at))
  if (typeof value === 'number' || typeof value === 'bigint') result.merge(validateNumber(schema, value, at))
  if (isList(value)) result.merge(walkItems(schema, value, at))
  result.merge(validateEnum(schema, value, at))
  if (isObject(value)) result.merge(walkMembers(schema, value, at))
  return ratcheted(result, value, at)
}

function ratcheted(result: Result, value: unknown, { path, old }: Position): Result {
  if (result.faults.length === 0 || !old || path === 'apiVersion' || path === 'kind') return result
  return jsonEqual(value, old.value) ? createResult() : result
}

function validateEnum(schema: Schema, value: unknown, at: Place): Result {
  const { enum: values = [] } = schema
  const result = createResult()
  // Null is in no list, as upstream has it.
  if (values.length === 0 || (value !== null && values.some(one => jsonEqual(one, value)))) return result
  const texts = values.map(one => (typeof one === 'string' ? one : JSON.stringify(one)))
  result.add(notSupported(fieldOf(at), value, texts))
  return result
}

function walkItems(schema: Schema, value: readonly unknown[], at: Position): Result {
  const result = createResult()
  const { items, minItems, maxItems } = schema
  const old = correlatedItems(schema, at.old)
  if (items) {
    value.forEach((item, i) => result.merge(walk(items, item, { ...at, path: index(at.path, i), old: old(item) })))
  }
  const size = value.length
  if (minItems !== undefined && size < minItems) {
    result.add(invalidValue(at, size, `should have at least ${minItems} items`))
  }
  if (maxItems !== undefined && size > maxItems) result.add(tooMany(fieldOf(at), size, maxItems))
  result.count(1)
  return result
}

/** Only lists of type map have items that can be told from one another. */
function correlatedItems(schema: Schema, old: Old): (item: unknown) => Old {
  const keys = schema['x-kubernetes-list-map-keys'] ?? []
  if (!old || !isList(old.value) || schema['x-kubernetes-list-type'] !== 'map') return () => undefined
  const keyOf = (item: unknown) => JSON.stringify(keys.map(name => (isObject(item) ? item[name] : undefined)))
  const items = new Map(old.value.map(item => [keyOf(item), { value: item }]))
  return item => items.get(keyOf(item))
}

function walkMembers(schema: Schema, value: JsonObject, at: Position): Result {
  const result = createResult()
  const { properties = {}, additionalProperties, required = [], minProperties, maxProperties } = schema
  const names = Object.keys(value)
  const below = (name: string) => (at.path === '' ? name : `${at.path}.${name}`)
  if (minProperties !== undefined && names.length < minProperties) {
    result.add(invalidValue(at, names.length, `should have at least ${minProperties} properties`))
  }
  if (maxProperties !== undefined && names.length > maxProperties) {
    result.add(tooMany(fieldOf(at), names.length, maxProperties))
  }
  const old = schema['x-kubernetes-map-type'] === 'atomic' ? undefined : at.old?.value
  const oldOf = (name: string): Old => (isObject(old) && Object.hasOwn(old, name) ? { value: old[name] } : undefined)
  for (const name of names) {
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined
    const own = property ?? (typeof additionalProperties === 'object' ? additionalProperties : undefined)
    const place = { ...at, path: below(name), old: oldOf(name) }
    if (own) result.merge(walk(own, value[name], place))
    else if (additionalProperties === false) {
      result.add({
        ...invalidValue(at, name, ''),
        message: `Invalid value: ${JSON.stringify(name)}: ${place.path} in body is a forbidden property`,
      })
    }
  }
  for (const name of required) {
    if (Object.hasOwn(value, name)) continue
    const field = fieldOf({ ...at, path: below(name) })
    result.add({ reason: 'FieldValueRequired', message: 'Required value', field })
  }
  return result
}
