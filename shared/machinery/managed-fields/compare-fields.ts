import { isList, isObject, jsonEqual, type JsonObject } from '../json-value.ts'
import type { Schema } from '../schema.ts'
import { elementsOf, nodeOf, noFields, sortElements, type FieldSet } from './field-set.ts'
import { itemElement, itemSchema, listKeys, mapRelation, memberSchema, sameItems } from './field-type.ts'
import { writtenFields } from './fields-of.ts'
import { fieldElement } from './path-element.ts'

/** What a change does to fields. A field that is both added and removed (by another type in its place) is in both sets. */
export interface FieldChanges {
  /** Added or with another value. */
  readonly changed: FieldSet
  readonly removed: FieldSet
}

/** A part of it: undefined where there is nothing. */
interface Part {
  changed?: FieldSet | undefined
  removed?: FieldSet | undefined
}

const same: Part = {}
const modified: Part = { changed: noFields }

/** Compares two objects of a type (structured-merge-diff typed/compare.go). Throws a FieldTypeError. */
export function compareFields(schema: Schema, old: unknown, next: unknown): FieldChanges {
  const { changed = noFields, removed = noFields } = compare(schema, old, next)
  return { changed, removed }
}

function compare(schema: Schema, old: unknown, next: unknown): Part {
  if (old === next) return same
  if (old === undefined) return { changed: writtenFields(schema, next) }
  if (next === undefined) return { removed: writtenFields(schema, old) }
  if (isObject(old) && isObject(next)) {
    if (mapRelation(schema) === 'atomic') return jsonEqual(old, next) ? same : modified
    return compareMaps(schema, old, next)
  }
  if (isList(old) && isList(next)) {
    const keys = listKeys(schema)
    if (keys === 'atomic') return jsonEqual(old, next) ? same : modified
    return compareLists({ schema, keys, old, next })
  }
  return compareOthers(schema, old, next)
}

/** Values of which at least one is a scalar, or that are of different kinds. */
function compareOthers(schema: Schema, old: unknown, next: unknown): Part {
  const [left, right] = [divided(schema, old), divided(schema, next)]
  // Null is as an empty one of the other's kind.
  if (left && next === null) return { removed: nodeOf(false, childrenOnly(writtenFields(schema, old))) }
  if (right && old === null) return { changed: nodeOf(false, childrenOnly(writtenFields(schema, next))) }
  const below = (value: unknown) => childrenOnly(divided(schema, value) ? writtenFields(schema, value) : noFields)
  return { changed: nodeOf(true, below(next)), removed: nodeOf(false, below(old)) }
}

/** Whether it is a map or list that has items of its own. */
function divided(schema: Schema, value: unknown): boolean {
  if (isList(value)) return value.length > 0 && listKeys(schema) !== 'atomic'
  return isObject(value) && mapRelation(schema) !== 'atomic' && Object.keys(value).length > 0
}

function childrenOnly(node: FieldSet): Record<string, FieldSet> {
  const { '.': _self, ...children } = node
  return children
}

function compareMaps(schema: Schema, old: JsonObject, next: JsonObject): Part {
  let found: Found | undefined
  for (const name of Object.keys(old)) {
    const part = compareMember(schema, name, old[name], Object.hasOwn(next, name) ? next[name] : undefined)
    if (part !== same) found = add(found, fieldElement(name), part)
  }
  for (const name of Object.keys(next)) {
    if (Object.hasOwn(old, name)) continue
    const part = compareMember(schema, name, undefined, next[name])
    if (part !== same) found = add(found, fieldElement(name), part)
  }
  return found ? partOf(found) : same
}

const compareMember = (schema: Schema, name: string, old: unknown, next: unknown): Part =>
  old === next ? same : compare(memberSchema(schema, name), old, next)

interface Found {
  changed: Record<string, FieldSet>
  removed: Record<string, FieldSet>
}

function add(found: Found | undefined, element: string, { changed, removed }: Part): Found {
  const into = found ?? { changed: {}, removed: {} }
  if (changed) into.changed[element] = changed
  if (removed) into.removed[element] = removed
  return into
}

const partOf = ({ changed, removed }: Found): Part => ({
  changed: nodeOf(false, inOrder(changed)),
  removed: nodeOf(false, inOrder(removed)),
})

interface Lists {
  schema: Schema
  keys: readonly string[]
  old: unknown[]
  next: unknown[]
}

function compareLists({ schema, keys, old, next }: Lists): Part {
  const items = itemSchema(schema)
  // What most lists are: as they were.
  const unmoved = old.length === next.length && sameItems(schema, keys, old, next)
  if (unmoved && old.every((item, at) => compare(items, item, next[at]) === same)) return same

  const [before, after] = [byElement(schema, keys, old), byElement(schema, keys, next)]
  let found: Found | undefined
  for (const element of new Set([...before.keys(), ...after.keys()])) {
    const part = compareSameKey(items, before.get(element) ?? [], after.get(element) ?? [])
    if (part !== same) found = add(found, element, part)
  }
  return found ? partOf(found) : same
}

function byElement(schema: Schema, keys: readonly string[], list: readonly unknown[]): Map<string, unknown[]> {
  return Map.groupBy(list, item => itemElement(schema, keys, item))
}

/** Items that can't be told apart are compared as one. */
function compareSameKey(schema: Schema, old: unknown[], next: unknown[]): Part {
  if (old.length <= 1 && next.length <= 1) return compare(schema, old[0], next[0])
  if (old.length > 1 && next.length > 1) return jsonEqual(old, next) ? same : modified
  const alone = old.length > 1 ? compare(schema, undefined, next[0]) : compare(schema, old[0], undefined)
  return old.length > 1
    ? { changed: next.length > 0 ? alone.changed : undefined, removed: noFields }
    : { changed: noFields, removed: old.length > 0 ? alone.removed : undefined }
}

/** The same nodes in the order of their elements. */
function inOrder(nodes: Record<string, FieldSet>): Record<string, FieldSet> {
  const elements = elementsOf(nodes)
  if (elements.length < 2) return nodes
  const ordered: Record<string, FieldSet> = {}
  for (const element of sortElements(elements)) {
    const node = nodes[element]
    if (node) ordered[element] = node
  }
  return ordered
}
