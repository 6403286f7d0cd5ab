import type { StatusCause } from '../../../shared/api/object.ts'
import { child, duplicate, index, invalid, key } from '../../../shared/machinery/field-errors.ts'
import { isList, isObject, type JsonObject } from '../../../shared/machinery/json-value.ts'
import type { Schema } from '../../../shared/machinery/schema.ts'

/** Whether the items of sets and the keys of maps are unique (apiserver/schema/listtype). */
export function validateListTypes(schema: Schema, value: unknown, path = ''): StatusCause[] {
  if (isList(value)) return validateList(schema, value, path)
  if (!isObject(value)) return []
  const { properties = {}, additionalProperties } = schema
  return Object.keys(value).flatMap(name => {
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined
    if (property) return validateListTypes(property, value[name], child(path, name))
    return typeof additionalProperties === 'object'
      ? validateListTypes(additionalProperties, value[name], key(path, name))
      : []
  })
}

function validateList(schema: Schema, list: readonly unknown[], path: string): StatusCause[] {
  const { items } = schema
  const below = items ? list.flatMap((item, i) => validateListTypes(items, item, index(path, i))) : []
  switch (schema['x-kubernetes-list-type']) {
    case 'set':
      return [...repeated(list).map(i => duplicate(index(path, i), list[i])), ...below]
    case 'map':
      return [...validateKeys(schema['x-kubernetes-list-map-keys'] ?? [], list, path), ...below]
    default:
      return below
  }
}

function validateKeys(names: readonly string[], list: readonly unknown[], path: string): StatusCause[] {
  const wrong = list.findIndex(item => item !== null && !isObject(item))
  if (wrong >= 0) {
    return [invalid(index(path, wrong), list[wrong], 'must be an object for an array of list-type map')]
  }
  const keys = list.map(item => keyOf(names, isObject(item) ? item : {}))
  return repeated(keys).map(i => duplicate(index(path, i), keys[i]))
}

function keyOf(names: readonly string[], item: JsonObject): JsonObject {
  return Object.fromEntries(names.filter(name => Object.hasOwn(item, name)).map(name => [name, item[name]]))
}

/** Where each value that is there more than once is for the second time. */
function repeated(values: readonly unknown[]): number[] {
  const times = new Map<string, number>()
  return values.flatMap((value, i) => {
    const text = canonical(value)
    const before = times.get(text) ?? 0
    times.set(text, before + 1)
    return before === 1 ? [i] : []
  })
}

/** JSON with sorted keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) =>
    isObject(member) ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1))) : member,
  )
}
