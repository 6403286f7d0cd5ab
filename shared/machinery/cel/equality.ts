import { itemsOf, keyOf, tooLarge, type List, type MapValue, type Struct, type Value } from './value.ts'

/** `==`: numbers of different types are equal if their values are, other values of different types are not. */
export function equal(a: Value, b: Value): boolean {
  if (a === b) return true
  const [x, y] = [numberOf(a), numberOf(b)]
  if (x !== undefined && y !== undefined) return !(x < y) && !(x > y) && !Number.isNaN(x) && !Number.isNaN(y)
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return false
  switch (a.kind) {
    case 'list':
      return b.kind === 'list' && equalLists(a, b)
    case 'map':
      return b.kind === 'map' && equalMaps(a, b)
    case 'struct':
      return b.kind === 'struct' && equalStructs(a, b)
    case 'bytes':
      return b.kind === 'bytes' && Buffer.compare(a.data, b.data) === 0
    case 'timestamp':
    case 'duration':
      return b.kind === a.kind && a.nanos === b.nanos
    case 'optional':
      if (b.kind !== 'optional' || a.value === undefined || b.value === undefined) {
        return b.kind === 'optional' && a.value === b.value
      }
      return equal(a.value, b.value)
    case 'type':
      return b.kind === 'type' && a.name === b.name
    case 'opaque':
      return b.kind === 'opaque' && a.type === b.type && a.type.equals(a.value, b.value)
    case 'uint':
      return false
  }
}

/** The value of a number as one that JavaScript compares exactly with others. */
function numberOf(value: Value): bigint | number | undefined {
  if (typeof value === 'bigint' || typeof value === 'number') return value
  return value !== null && typeof value === 'object' && value.kind === 'uint' ? value.value : undefined
}

function equalLists(a: List, b: List): boolean {
  if (a.length !== b.length) return false
  const unordered = a.equals ?? b.equals
  if (unordered) return a.equals ? a.equals(b) : (b.equals?.(a) ?? false)
  for (let i = 0; i < a.length; i++) if (!equal(a.at(i), b.at(i))) return false
  return true
}

function equalMaps(a: MapValue, b: MapValue): boolean {
  if (a.size !== b.size) return false
  for (const key of a.keys()) {
    const [x, y] = [a.get(key), b.get(key)]
    if (x === undefined || y === undefined || !equal(x, y)) return false
  }
  return true
}

function equalStructs(a: Struct, b: Struct): boolean {
  const fields = a.fields()
  if (fields.length !== b.fields().length) return false
  return fields.every(field => {
    const [x, y] = [a.get(field), b.get(field)]
    return x !== undefined && y !== undefined && equal(x, y)
  })
}

/** What tells values apart that can be looked up at once, or undefined for those that have to be compared. */
function identityOf(value: Value): unknown {
  return typeof value === 'object' ? undefined : keyOf(value)
}

/** Whether a list has an equal element. */
export function contains(list: List, value: Value): boolean {
  for (const item of itemsOf(list)) if (equal(item, value)) return true
  return false
}

/** Comparisons one by one that a function may make. */
const maxComparisons = 1_000_000

/** A collection that is asked for many values; those that can't be looked up are compared, up to a bound. */
export function createMembership(): { has(value: Value): boolean; add(value: Value): void } {
  const known = new Set<unknown>()
  const others: Value[] = []
  let compared = 0
  return {
    has(value) {
      const identity = identityOf(value)
      if (identity !== undefined && known.has(identity)) return true
      compared += others.length
      if (compared > maxComparisons) throw tooLarge()
      return others.some(other => equal(other, value))
    },
    add(value) {
      const identity = identityOf(value)
      if (identity === undefined) others.push(value)
      else known.add(identity)
    },
  }
}

/** The order of two values, or undefined if there is none between them. Text is ordered by its UTF-8 bytes. */
export function compare(a: Value, b: Value): number | undefined {
  const [x, y] = [numberOf(a), numberOf(b)]
  // NaN is in no order.
  if (x !== undefined && y !== undefined) return x < y ? -1 : x > y ? 1 : Number.isNaN(x) || Number.isNaN(y) ? NaN : 0
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b)
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b)
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return undefined
  if (a.kind === 'bytes' && b.kind === 'bytes') return Buffer.compare(a.data, b.data)
  if ((a.kind === 'timestamp' || a.kind === 'duration') && a.kind === b.kind) {
    return a.nanos < b.nanos ? -1 : a.nanos > b.nanos ? 1 : 0
  }
  return undefined
}

function compareText(a: string, b: string): number {
  if (a === b) return 0
  // UTF-16 puts surrogates before the last characters of the basic plane.
  return /[\ud800-\uffff]/.test(a + b) ? Buffer.compare(Buffer.from(a), Buffer.from(b)) : a < b ? -1 : 1
}
