import { EvaluationError, keyOf, typeName, type List, type MapValue, type Value } from './value.ts'

/**
 * What a loop goes through: of a list its elements, of a map its keys; with two variables, indexes or keys with their
 * values. Throws for what can't be gone through.
 */
export function* foldItems(range: Value, pairs: boolean): Generator<[Value, Value]> {
  if (range !== null && typeof range === 'object') {
    if (range.kind === 'list') {
      for (let i = 0; i < range.length; i++) {
        const item = range.at(i)
        yield pairs ? [BigInt(i), item] : [item, null]
      }
      return
    }
    if (range.kind === 'map') {
      for (const key of range.keys()) yield [key, pairs ? (range.get(key) ?? null) : null]
      return
    }
  }
  throw new EvaluationError(`got '${typeName(range)}', expected iterable type`)
}

/** What the lists and maps hold that loops of macros are building. */
const growingLists = new WeakMap<List, Value[]>()
const growingMaps = new WeakMap<MapValue, Map<unknown, readonly [Value, Value]>>()

/** The value that an accumulator begins with: an empty list or map becomes one that can grow. */
export function growing(init: Value): Value {
  if (init === null || typeof init !== 'object') return init
  if (init.kind === 'list' && init.length === 0) return growingList()
  return init.kind === 'map' && init.size === 0 ? growingMap() : init
}

function growingList(): List {
  const items: Value[] = []
  const list: List = {
    kind: 'list',
    get length() {
      return items.length
    },
    at: i => items[i] ?? null,
  }
  growingLists.set(list, items)
  return list
}

function growingMap(): MapValue {
  const entries = new Map<unknown, readonly [Value, Value]>()
  const map: MapValue = {
    kind: 'map',
    get size() {
      return entries.size
    },
    get: key => entries.get(keyOf(key))?.[1],
    keys: () => [...entries.values()].map(([key]) => key),
  }
  growingMaps.set(map, entries)
  return map
}

/** An accumulator with one more element. */
export function grow(list: Value, item: Value): Value {
  const items = list !== null && typeof list === 'object' && list.kind === 'list' ? growingLists.get(list) : undefined
  if (!items) throw new EvaluationError('no such overload')
  items.push(item)
  return list
}

/** An accumulator with one more entry. */
export function insert(map: MapValue, key: Value, value: Value): MapValue {
  const entries = growingMaps.get(map)
  if (!entries) throw new EvaluationError('no such overload')
  if (entries.has(keyOf(key))) throw new EvaluationError(`insert failed: key ${formatKey(key)} already exists`)
  entries.set(keyOf(key), [key, value])
  return map
}

const formatKey = (key: Value) => (typeof key === 'object' ? String(keyOf(key)) : String(key))
