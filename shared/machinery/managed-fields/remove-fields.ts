import { isList, isObject, setMember } from '../json-value.ts'
import type { Schema } from '../schema.ts'
import { hasField, isEmpty, noFields, nodeOf, elementsOf, type FieldSet } from './field-set.ts'
import { isField, itemElement, itemSchema, listKeys, mapRelation, memberSchema } from './field-type.ts'
import { fieldElement } from './path-element.ts'

/**
 * A value without the fields and items of a set (structured-merge-diff typed/remove.go); what becomes empty stays. The
 * result shares parts of the value, which keeps its own. Throws a FieldTypeError.
 */
export function removeFields(schema: Schema, value: unknown, gone: FieldSet): unknown {
  if (isEmpty(gone)) return value
  if (isList(value)) {
    const keys = listKeys(schema)
    if (keys === 'atomic') return []
    const items = itemSchema(schema)
    return value.flatMap(item => {
      const element = itemElement(schema, keys, item)
      return hasField(gone, [element]) ? [] : [removeFields(items, item, gone[element] ?? noFields)]
    })
  }
  if (!isObject(value)) return value
  const rest: Record<string, unknown> = {}
  if (mapRelation(schema) === 'atomic') return rest
  for (const [name, member] of Object.entries(value)) {
    const element = fieldElement(name)
    if (hasField(gone, [element])) continue
    setMember(rest, name, removeFields(memberSchema(schema, name), member, gone[element] ?? noFields))
  }
  return rest
}

/** A set with the fields that have others of the set below them: the named fields of a type, not the entries of a map. */
export function withNamedFields(schema: Schema, set: FieldSet): FieldSet {
  return named(schema, set, false) ?? noFields
}

function named(schema: Schema, node: FieldSet, member: boolean): FieldSet | undefined {
  const children: Record<string, FieldSet> = {}
  for (const element of elementsOf(node)) {
    const below = node[element]
    if (!below) continue
    const name = element.startsWith('f:') ? element.slice(2) : undefined
    const type = name === undefined ? itemSchema(schema) : memberSchema(schema, name)
    const stays = hasField(node, [element]) || (name !== undefined && isField(schema, name))
    const child = named(type, below, stays)
    if (child) children[element] = child
  }
  return nodeOf(member, children)
}
