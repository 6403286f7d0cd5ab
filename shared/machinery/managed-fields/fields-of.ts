import { isList, isObject, type JsonObject } from '../json-value.ts'
import type { Schema } from '../schema.ts'
import { isEmpty, noFields, type FieldSet } from './field-set.ts'
import { itemElement, itemSchema, listKeys, mapRelation, membersOf, type Members } from './field-type.ts'
import { compareElements, fieldElement } from './path-element.ts'

/**
 * Whose fields are told: who wrote a value where none was owns the maps and lists in it, too; who applied it owns those
 * that stand in a map or list of their kind, or are empty (structured-merge-diff typed/compare.go and tofieldset.go).
 */
type Manner = 'written' | 'applied'

/** The fields of an object that was applied. Throws a FieldTypeError. */
export function appliedFields(schema: Schema, value: unknown): FieldSet {
  return fieldsIn(schema, value, 'applied', false) ?? noFields
}

/** The node of a value that stands where nothing was. Throws a FieldTypeError. */
export function writtenFields(schema: Schema, value: unknown): FieldSet {
  return fieldsIn(schema, value, 'written', true) ?? noFields
}

/**
 * What `value` has and `zero` has not: the same as a comparison finds, in the one walk that every new object pays. `zero`
 * is made of maps and of values that no field of its own can have.
 */
export function createdFields(schema: Schema, zero: JsonObject, value: JsonObject): FieldSet {
  return fieldsOfMap(schema, value, { manner: 'written', member: false, zero }) ?? noFields
}

function fieldsIn(schema: Schema, value: unknown, manner: Manner, member: boolean): FieldSet | undefined {
  if (typeof value !== 'object' || value === null) return noFields
  if (isList(value)) {
    const keys = listKeys(schema)
    if (keys === 'atomic') return noFields
    if (value.length === 0) return manner === 'written' || member ? noFields : undefined
    return fieldsOfList({ schema, keys, items: value, manner }, member)
  }
  if (mapRelation(schema) === 'atomic' || isEmpty(value)) return noFields
  return fieldsOfMap(schema, value as JsonObject, { manner, member, zero: undefined })
}

interface How {
  manner: Manner
  /** Whether the map itself is a field. */
  member: boolean
  zero: JsonObject | undefined
}

function fieldsOfMap(schema: Schema, value: JsonObject, { manner, member, zero }: How): FieldSet | undefined {
  const members = membersOf(schema)
  const node: Record<string, FieldSet> = member ? { '.': noFields } : {}
  let found = false
  for (const name of namesInOrder(members, value)) {
    const below = value[name]
    if (below === undefined) continue
    const field = members.fields.get(name)
    const without = zero?.[name]
    const child =
      without === undefined
        ? fieldsIn(field?.schema ?? members.other, below, manner, manner === 'written' || !field)
        : beyond(field?.schema ?? members.other, without, below)
    if (!child) continue
    node[field?.element ?? fieldElement(name)] = child
    found = true
  }
  if (found) return node
  return member ? noFields : undefined
}

/** The fields of a value that stands where an unfilled one was: that one's maps and lists are nobody's. */
function beyond(schema: Schema, zero: unknown, value: unknown): FieldSet | undefined {
  if (isList(value)) {
    const keys = listKeys(schema)
    if (keys === 'atomic' || value.length === 0) return noFields
    return fieldsOfList({ schema, keys, items: value, manner: 'written' }, false)
  }
  if (!isObject(value)) return value === zero ? undefined : noFields
  if (isEmpty(value)) return undefined
  if (mapRelation(schema) === 'atomic') return noFields
  return fieldsOfMap(schema, value, { manner: 'written', member: false, zero: isObject(zero) ? zero : {} })
}

/** Names that a value has, in order. Few fields of a type are set, but its names need no sorting. */
function namesInOrder({ names, open }: Members, value: JsonObject): readonly string[] {
  return open ? sortedKeys(value) : names
}

function sortedKeys(value: JsonObject): string[] {
  const keys = Object.keys(value)
  return keys.length > 1 ? keys.sort() : keys
}

interface Items {
  schema: Schema
  keys: readonly string[]
  items: readonly unknown[]
  manner: Manner
}

/** Items that can't be told apart are one field together. */
function fieldsOfList({ schema, keys, items, manner }: Items, member: boolean): FieldSet {
  const elements = items.map(item => itemElement(schema, keys, item))
  const node: Record<string, FieldSet> = member ? { '.': noFields } : {}
  if (items.length === 1) {
    node[elements[0] ?? ''] = fieldsIn(itemSchema(schema), items[0], manner, true) ?? noFields
    return node
  }
  const places = Array.from(elements.keys()).sort((a, b) => compareElements(elements[a] ?? '', elements[b] ?? ''))
  for (const at of places) {
    const element = elements[at] ?? ''
    node[element] = Object.hasOwn(node, element)
      ? noFields
      : (fieldsIn(itemSchema(schema), items[at], manner, true) ?? noFields)
  }
  return node
}
