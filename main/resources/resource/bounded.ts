import type { StatusCause } from '../../../shared/api/object.ts'
import { duplicate, index, key, tooMany } from '../../../shared/machinery/field-errors.ts'
import { repeats } from '../faults.ts'

type Check<T> = (item: T, path: string) => StatusCause[]

interface ListRules<T> {
  path: string
  max: number
  check: Check<T>
}

/** Faults of a list's items, or its length (pkg/apis/resource/validation validateSlice). */
export function validateList<T>(items: readonly T[] = [], { path, max, check }: ListRules<T>): StatusCause[] {
  if (items.length > max) return [tooMany(path, items.length, max)]
  return items.flatMap((item, i) => check(item, index(path, i)))
}

interface SetRules<T> extends ListRules<T> {
  /** What no two items share. */
  keyOf: (item: T) => unknown
}

/** The same for a list in which nothing stands twice (validateSet). */
export function validateSet<T>(items: readonly T[] = [], { keyOf, ...rules }: SetRules<T>): StatusCause[] {
  if (items.length > rules.max) return validateList(items, rules)
  const repeated = repeats(items, item => JSON.stringify(keyOf(item)))
  return [
    ...validateList(items, rules),
    ...items.flatMap((item, i) => (repeated[i] ? [duplicate(index(rules.path, i), keyOf(item))] : [])),
  ]
}

interface MapRules<T> {
  path: string
  max?: number
  /** Characters of a key that a path shows. */
  shown: number
  checkKey: Check<string>
  check: Check<T>
}

/** Faults of a map's keys, which stand at the map itself, and values (validateMap). */
export function validateMap<T>(map: Record<string, T> = {}, rules: MapRules<T>): StatusCause[] {
  const { path, max = Infinity, shown, checkKey, check } = rules
  const entries = Object.entries(map)
  if (entries.length > max) return [tooMany(path, entries.length, max)]
  return entries.flatMap(([name, value]) => [...checkKey(name, path), ...check(value, key(path, shorten(name, shown)))])
}

function shorten(text: string, limit: number): string {
  if (text.length <= limit) return text
  const left = limit - 3
  return `${text.slice(0, Math.floor((left + 1) / 2))}...${text.slice(text.length - Math.floor(left / 2))}`
}
