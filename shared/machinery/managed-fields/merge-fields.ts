import { isList, isObject, setMember, type JsonObject } from '../json-value.ts'
import type { Schema } from '../schema.ts'
import { itemElement, itemSchema, listKeys, mapRelation, memberSchema } from './field-type.ts'

/**
 * Merges what is applied into what is there (structured-merge-diff typed/merge.go): nothing goes, and of what both have the
 * applied value counts. The result shares parts of both. Throws a FieldTypeError.
 */
export function mergeFields(schema: Schema, live: unknown, applied: unknown): unknown {
  if (applied === undefined) return live
  if (live === undefined) return applied
  const kind = isList(applied) || isList(live) ? 'list' : isObject(applied) || isObject(live) ? 'map' : 'scalar'
  if (kind === 'map' && mapRelation(schema) !== 'atomic') {
    if (isObject(live) && isObject(applied)) return mergeMaps(schema, live, applied)
    if (applied === null) return isObject(live) && Object.keys(live).length > 0 ? live : null
  }
  const keys = listKeys(schema)
  if (kind === 'list' && keys !== 'atomic') {
    if (isList(live) && isList(applied)) return applied.length > 0 ? mergeLists({ schema, keys, live, applied }) : live
    if (applied === null) return isList(live) && live.length > 0 ? live : null
  }
  return applied
}

function mergeMaps(schema: Schema, live: JsonObject, applied: JsonObject): JsonObject {
  const merged: JsonObject = { ...live }
  for (const [name, value] of Object.entries(applied)) {
    setMember(
      merged,
      name,
      mergeFields(memberSchema(schema, name), Object.hasOwn(live, name) ? live[name] : undefined, value),
    )
  }
  return merged
}

interface Lists {
  schema: Schema
  keys: readonly string[]
  live: readonly unknown[]
  applied: readonly unknown[]
}

/**
 * The applied items in their order, and the others where they stood among those that both lists have. Live items that can't
 * be told apart are kept as long as nothing with their key is applied.
 */
function mergeLists({ schema, keys, live, applied }: Lists): unknown[] {
  const elementOf = (item: unknown) => itemElement(schema, keys, item)
  const [liveElements, elements] = [live.map(elementOf), applied.map(elementOf)]
  const byElement = new Map(elements.map((element, at) => [element, applied[at]]))
  const places = Map.groupBy(live, elementOf)
  const only = (element: string) => {
    const found = places.get(element) ?? []
    return found.length === 1 ? found[0] : undefined
  }
  const merge = (element: string) => mergeFields(itemSchema(schema), only(element), byElement.get(element))
  const shared = elements.filter(element => places.has(element))

  const merged: unknown[] = []
  const done = new Set<string>()
  let [left, right, next] = [0, 0, 0]
  const take = (element: string) => {
    merged.push(merge(element))
    done.add(element)
    right++
    if (shared[next] === element) next++
  }
  while (left < liveElements.length || right < elements.length) {
    const here = liveElements[left]
    const wanted = elements[right]
    if (here !== undefined && here === wanted) {
      take(here)
      left++
    } else if (
      here !== undefined &&
      wanted !== undefined &&
      byElement.has(here) &&
      next < shared.length &&
      shared[next] !== here
    ) {
      // Both have it, but others of what both have come first.
      left++
    } else if (here !== undefined && !byElement.has(here)) {
      merged.push(live[left])
      left++
    } else {
      if (here !== undefined && done.has(here)) left++
      if (wanted !== undefined) take(wanted)
    }
  }
  return merged
}
