import { compare, contains, createMembership, equal } from '../equality.ts'
import type { Library } from '../functions.ts'
import {
  EvaluationError,
  itemsOf,
  listOf,
  tooLarge,
  uintOf,
  type Duration,
  type List,
  type Uint,
  type Value,
} from '../value.ts'
import { durationOf } from './time.ts'

/** Elements that one function may make. */
const maxItems = 1_000_000

function all(list: List): Value[] {
  if (list.length > maxItems) throw tooLarge()
  return [...itemsOf(list)]
}

function isSorted(list: List): boolean {
  for (let i = 1; i < list.length; i++) if ((compare(list.at(i - 1), list.at(i)) ?? 0) > 0) return false
  return true
}

function extreme(list: List, name: 'min' | 'max'): Value {
  if (list.length === 0) throw new EvaluationError(`${name} called on empty list`)
  let found = list.at(0)
  for (const item of itemsOf(list)) {
    const order = compare(item, found) ?? 0
    if (name === 'min' ? order < 0 : order > 0) found = item
  }
  return found
}

function search(list: List, value: Value, last: boolean): bigint {
  for (let n = 0; n < list.length; n++) {
    const i = last ? list.length - 1 - n : n
    if (equal(list.at(i), value)) return BigInt(i)
  }
  return -1n
}

const sum = <T>(list: List, zero: T, add: (sum: T, item: T) => T): T =>
  all(list).reduce<T>((total, item) => add(total, item as T), zero)

function checked(value: bigint): bigint {
  if (value !== BigInt.asIntN(64, value)) throw new EvaluationError('integer overflow')
  return value
}

function slice(list: List, from: bigint, to: bigint): List {
  if (from < 0n || to < 0n) throw new EvaluationError(`cannot slice(${from}, ${to}), negative indexes not supported`)
  if (from > to)
    throw new EvaluationError(`cannot slice(${from}, ${to}), start index must be less than or equal to end index`)
  if (to > BigInt(list.length)) throw new EvaluationError(`cannot slice(${from}, ${to}), list is length ${list.length}`)
  const start = Number(from)
  return { kind: 'list', length: Number(to) - start, at: i => list.at(start + i) }
}

function flatten(list: List, depth = 1n): List {
  if (depth < 0n) throw new EvaluationError('level must be non-negative')
  const flat: Value[] = []
  const add = (items: List, level: bigint) => {
    for (const item of itemsOf(items)) {
      if (level > 0n && item !== null && typeof item === 'object' && item.kind === 'list') add(item, level - 1n)
      else if (flat.push(item) > maxItems) throw tooLarge()
    }
  }
  add(list, depth)
  return listOf(flat)
}

function distinct(list: List): List {
  const seen = createMembership()
  return listOf(
    all(list).filter(item => {
      if (seen.has(item)) return false
      seen.add(item)
      return true
    }),
  )
}

function sortBy(list: List, keys: List): List {
  if (keys.length !== list.length) throw new EvaluationError('list and associated keys must have the same length')
  const entries = all(list).map((item, i) => ({ item, key: keys.at(i) }))
  entries.sort((a, b) => {
    const order = compare(a.key, b.key)
    if (order === undefined) throw new EvaluationError('list elements must have the same type')
    return order
  })
  return listOf(entries.map(entry => entry.item))
}

function range(count: bigint): List {
  return { kind: 'list', length: Math.max(0, Number(count)), at: BigInt }
}

function setOf(list: List): (value: Value) => boolean {
  const set = createMembership()
  for (const item of all(list)) set.add(item)
  return value => set.has(value)
}

const containsAll = (list: List, others: List) => all(others).every(setOf(list))

const comparable = ['int', 'uint', 'double', 'bool', 'duration', 'timestamp', 'string', 'bytes']
const forEach = (types: readonly string[], functions: (type: string) => Library): Library =>
  Object.assign({}, ...types.map(functions)) as Library

/** Kubernetes' functions on lists (apiserver/pkg/cel/library/lists.go), cel-go's lists extension in its third version and its sets extension. */
export const lists: Library = {
  ...forEach(comparable, type => ({
    [`list(${type}).isSorted() -> bool`]: isSorted,
    [`list(${type}).min() -> ${type}`]: (list: List) => extreme(list, 'min'),
    [`list(${type}).max() -> ${type}`]: (list: List) => extreme(list, 'max'),
    [`list(${type}).sort() -> list(${type})`]: (list: List) => sortBy(list, list),
    [`list(T).@sortByAssociatedKeys(list(${type})) -> list(T)`]: sortBy,
  })),
  'list(int).sum() -> int': (list: List) => sum(list, 0n, (a, b) => checked(a + b)),
  'list(uint).sum() -> uint': (list: List) =>
    sum<Uint>(list, uintOf(0n), (a, b) => uintOf(BigInt.asUintN(64, a.value + b.value))),
  'list(double).sum() -> double': (list: List) => sum(list, 0, (a, b) => a + b),
  'list(duration).sum() -> duration': (list: List) =>
    sum<Duration>(list, durationOf(0n), (a, b) => durationOf(a.nanos + b.nanos)),
  'list(T).indexOf(T) -> int': (list: List, value: Value) => search(list, value, false),
  'list(T).lastIndexOf(T) -> int': (list: List, value: Value) => search(list, value, true),
  'list(T).slice(int, int) -> list(T)': slice,
  'list(list(T)).flatten() -> list(T)': flatten,
  'list(dyn).flatten(int) -> list(dyn)': flatten,
  'list(T).distinct() -> list(T)': distinct,
  'list(T).reverse() -> list(T)': (list: List) => ({
    kind: 'list',
    length: list.length,
    at: i => list.at(list.length - 1 - i),
  }),
  'lists:range(int) -> list(int)': range,
  'sets:contains(list(T), list(T)) -> bool': containsAll,
  'sets:equivalent(list(T), list(T)) -> bool': (a: List, b: List) => containsAll(a, b) && containsAll(b, a),
  'sets:intersects(list(T), list(T)) -> bool': (a: List, b: List) => all(b).some(item => contains(a, item)),
}
