import { isList, isObject } from '../json-value.ts'
import type { Schema } from '../schema.ts'
import { elementsOf, isEmpty, noFields, nodeOf, sortElements, type FieldSet } from './field-set.ts'
import { isField, itemElement, itemSchema, listKeys, mapRelation, memberSchema } from './field-type.ts'
import { fieldElement } from './path-element.ts'

/**
 * Whose fields are told: who wrote a value where none was owns the maps and lists in it, too; who applied it owns those
 * that stand in a map or list of their kind, or are empty (structured-merge-diff typed/compare.go and tofieldset.go).
 */
type Manner = 'written' | 'applied'

/** The fields of an object that was applied. Throws a FieldTypeError. */
export function appliedFields(schema: Schema, value: unknown): FieldSet {
  return fieldsIn(schema, value, { manner: 'applied', member: false }) ?? noFields
}

/** The node of a value that stands where nothing was. Throws a FieldTypeError. */
export function writtenFields(schema: Schema, value: unknown): FieldSet {
  return fieldsIn(schema, value, { manner: 'written', member: true }) ?? noFields
}

function fieldsIn(schema: Schema, value: unknown, how: { manner: Manner; member: boolean }): FieldSet | undefined {
  if (isList(value)) {
    const keys = listKeys(schema)
    if (keys === 'atomic') return noFields
    if (value.length === 0) return how.manner === 'written' || how.member ? noFields : undefined
    return nodeOf(how.member, fieldsOfItems({ schema, keys, items: value, manner: how.manner }))
  }
  if (!isObject(value) || mapRelation(schema) === 'atomic') return noFields
  const names = Object.keys(value)
  if (names.length === 0) return noFields
  if (names.length > 1) names.sort()
  const children: Record<string, FieldSet> = {}
  for (const name of names) {
    const below = value[name]
    if (below === undefined) continue
    const member = how.manner === 'written' || !isField(schema, name)
    const node = fieldsIn(memberSchema(schema, name), below, { manner: how.manner, member })
    if (node) children[fieldElement(name)] = node
  }
  return nodeOf(how.member || isEmpty(children), children)
}

interface Items {
  schema: Schema
  keys: readonly string[]
  items: readonly unknown[]
  manner: Manner
}

/** Items that can't be told apart are one field together. */
function fieldsOfItems({ schema, keys, items, manner }: Items): Record<string, FieldSet> {
  const found: Record<string, FieldSet> = {}
  const seen = new Set<string>()
  for (const item of items) {
    const element = itemElement(schema, keys, item)
    found[element] = seen.has(element)
      ? noFields
      : (fieldsIn(itemSchema(schema), item, { manner, member: true }) ?? noFields)
    seen.add(element)
  }
  return inOrder(found)
}

/** The same nodes in the order of their elements. */
export function inOrder(nodes: Record<string, FieldSet>): Record<string, FieldSet> {
  const elements = elementsOf(nodes)
  if (elements.length < 2) return nodes
  const ordered: Record<string, FieldSet> = {}
  for (const element of sortElements(elements)) {
    const node = nodes[element]
    if (node) ordered[element] = node
  }
  return ordered
}
