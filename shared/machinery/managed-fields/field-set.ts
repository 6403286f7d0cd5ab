import { isObject } from '../json-value.ts'
import { canonicalElement, compareElements, printElement } from './path-element.ts'

/**
 * A set of fields in the form that managedFields carry it on the wire (`fieldsV1`, structured-merge-diff
 * fieldpath/serialize.go), which is also the form it is worked on: a tree whose keys are path elements (`f:spec`,
 * `k:{"name":"a"}`, `v:"x"`). An empty node is a field that is in the set; a node with children is in it itself only if it has
 * the key `.`. The empty root is the empty set. Keys are canonical and in upstream's order, sets are never changed, and what
 * an operation leaves as it was is shared with its result.
 */
export interface FieldSet {
  readonly [element: string]: FieldSet
}

export const noFields: FieldSet = Object.freeze({})
const self = '.'

export const isEmpty = (set: object): boolean => {
  for (const _ in set) return false
  return true
}

/** Whether the field of a node is in the set, and not only fields below it. */
const isMember = (node: FieldSet) => isEmpty(node) || Object.hasOwn(node, self)

/** The node of a field: undefined when neither it nor anything below it is in the set. `children` are in order. */
export function nodeOf(member: boolean, children: Record<string, FieldSet>): FieldSet | undefined {
  if (isEmpty(children)) return member ? noFields : undefined
  return member ? { [self]: noFields, ...children } : children
}

export const sortElements = (elements: string[]): string[] =>
  elements.length < 2 ? elements : elements.sort(compareElements)

/** What is in either set. */
export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmpty(a)) return b
  return isEmpty(b) ? a : (join(a, b) ?? noFields)
}

function join(a: FieldSet, b: FieldSet): FieldSet | undefined {
  if (a === b) return a
  const member = isMember(a) || isMember(b)
  const added = elementsOf(b).filter(element => !Object.hasOwn(a, element))
  const own = elementsOf(a)
  const elements = added.length === 0 ? own : sortElements([...own, ...added])
  let same = member === isMember(a) && added.length === 0
  const children: Record<string, FieldSet> = {}
  for (const element of elements) {
    const [left, right] = [a[element], b[element]]
    const joined = left && right ? join(left, right) : (left ?? right)
    if (joined) children[element] = joined
    same &&= joined === left
  }
  return same ? a : nodeOf(member, children)
}

/** What is in `a` and not in `b`. A field of `b` does not take the fields below it away. */
export const difference = (a: FieldSet, b: FieldSet): FieldSet =>
  subtract(a, b, { root: true, deep: false }) ?? noFields

/** What is in `a` and neither in `b` nor below a field that is. */
export const recursiveDifference = (a: FieldSet, b: FieldSet): FieldSet =>
  subtract(a, b, { root: true, deep: true }) ?? noFields

function subtract(a: FieldSet, b: FieldSet, how: { root: boolean; deep: boolean }): FieldSet | undefined {
  if (how.root && (isEmpty(a) || isEmpty(b))) return a
  const gone = !how.root && isMember(b)
  if (gone && how.deep) return undefined
  const member = !how.root && isMember(a) && !gone
  let same = how.root || member === isMember(a)
  const children: Record<string, FieldSet> = {}
  for (const element of elementsOf(a)) {
    const left = a[element]
    const right = b[element]
    const rest = left && right ? subtract(left, right, { ...how, root: false }) : left
    if (rest) children[element] = rest
    same &&= rest === left
  }
  return same ? a : nodeOf(member, children)
}

/** What is in both sets. */
export const intersection = (a: FieldSet, b: FieldSet): FieldSet => meet(a, b, true) ?? noFields

function meet(a: FieldSet, b: FieldSet, root = false): FieldSet | undefined {
  const children: Record<string, FieldSet> = {}
  for (const element of elementsOf(a)) {
    const left = a[element]
    const right = b[element]
    const both = left && right && meet(left, right)
    if (both) children[element] = both
  }
  return nodeOf(!root && isMember(a) && isMember(b), children)
}

/** Places whose fields are meant: `true` is everything there and below, `*` any element. */
export interface FieldPattern {
  readonly [element: string]: FieldPattern | true
}

/** What of a set is at the places of a pattern, or on the way to them. */
export function matching(set: FieldSet, pattern: FieldPattern): FieldSet {
  return match(set, pattern, true) ?? noFields
}

function match(node: FieldSet, pattern: FieldPattern, root = false): FieldSet | undefined {
  const children: Record<string, FieldSet> = {}
  for (const element of elementsOf(node)) {
    const below = node[element]
    const wanted = pattern[element] ?? pattern['*']
    const found = below && wanted && (wanted === true ? below : match(below, wanted))
    if (found) children[element] = found
  }
  return nodeOf(!root && isMember(node), children)
}

export function hasField(set: FieldSet, path: readonly string[]): boolean {
  const node = path.reduce<FieldSet | undefined>((at, element) => at?.[element], set)
  return node !== undefined && path.length > 0 && isMember(node)
}

/** The set of one field. */
export const singleField = (path: readonly string[]): FieldSet =>
  path.toReversed().reduce<FieldSet>((node, element) => ({ [element]: node }), noFields)

/** The path of every field of a set as upstream prints it: `.spec.template.spec.containers[name="web"].image`. */
export function printFields(set: FieldSet): string[] {
  const paths: string[] = []
  const walk = (node: FieldSet, path: string) => {
    for (const element of elementsOf(node)) {
      const child = node[element]
      if (child && isMember(child)) paths.push(path + printElement(element))
    }
    for (const element of elementsOf(node)) {
      const child = node[element]
      if (child) walk(child, path + printElement(element))
    }
  }
  walk(set, '')
  return paths
}

/** The path elements below a node, in order. */
export const elementsOf = (node: FieldSet): string[] => {
  const elements = Object.keys(node)
  return elements[0] === self ? elements.slice(1) : elements
}

/** Reads a set that a client sent: elements become canonical and ordered, those of unknown kinds are dropped, as upstream does. Throws for what is no set. */
export function readFieldSet(value: unknown): FieldSet {
  if (value === undefined || value === null) return noFields
  if (!isObject(value)) throw new SyntaxError('no set of fields')
  return readNode(value, true) ?? noFields
}

function readNode(value: Record<string, unknown>, root: boolean): FieldSet | undefined {
  const children: Record<string, FieldSet> = {}
  let member = false
  for (const [key, below] of Object.entries(value)) {
    if (key === self) {
      member = true
      continue
    }
    const element = canonicalElement(key)
    if (element === undefined) continue
    if (below !== null && !isObject(below)) throw new SyntaxError(`no fields: ${key}`)
    const node = readNode(below ?? {}, false)
    if (node) children[element] = node
  }
  const elements = Object.keys(children)
  const ordered: Record<string, FieldSet> = {}
  for (const element of sortElements(elements)) {
    const node = children[element]
    if (node) ordered[element] = node
  }
  // What has nothing below it is a field itself; the root is none.
  return nodeOf(!root && (member || elements.length === 0), ordered)
}
