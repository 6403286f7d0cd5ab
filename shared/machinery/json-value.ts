/** A JSON object whose shape is not known. */
export type JsonObject = Record<string, unknown>

/** A JSON object: neither a list nor null. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** `Array.isArray` that leaves elements unknown instead of any. */
export function isList(value: unknown): value is unknown[] {
  return Array.isArray(value)
}

/**
 * How deep lists and objects of what a client sends may stand in one another. No API object comes near it, and what walks
 * over values by recursion is far from the end of its stack; upstream, whose stacks grow, allows 10,000.
 */
export const maxDepth = 500

/** Whether lists and objects stand in one another more than `levels` deep. Goes no deeper than that itself. */
export function isDeeperThan(value: unknown, levels: number): boolean {
  return survey(value, { levels, values: Infinity }).excess === 'levels'
}

/**
 * How many values what a client sends may be made of, lists and objects counted too. What checks it works and answers in
 * memory that grows with them: three megabytes of `{},` would cost gigabytes.
 */
export const maxValues = 250_000

/** What one walk tells of a value that a client sent. */
interface Survey {
  /** Of which it has more than is allowed: levels of lists and objects in one another, or values. The walk ends there. */
  excess?: 'levels' | 'values'
  /** Whether an integer met so far is beyond 2^53, where numbers skip some. */
  beyondExact: boolean
}

/** Walks through a JSON value, no further than is allowed. */
export function survey(value: unknown, allowed: { levels: number; values: number }): Survey {
  const found: Survey = { beyondExact: false }
  let left = allowed.values
  /** Whether the walk may go on. */
  const walk = (part: unknown, levels: number): boolean => {
    if (--left < 0) {
      found.excess = 'values'
      return false
    }
    if (typeof part === 'number') found.beyondExact ||= Number.isInteger(part) && !Number.isSafeInteger(part)
    if (typeof part !== 'object' || part === null) return true
    if (levels === 0) {
      found.excess = 'levels'
      return false
    }
    if (isList(part)) return part.every(item => walk(item, levels - 1))
    for (const key of Object.keys(part)) if (!walk((part as JsonObject)[key], levels - 1)) return false
    return true
  }
  walk(value, allowed.levels)
  return found
}

/** A copy that shares nothing; many times as fast as structuredClone, which can do more. */
export function copyJson<T>(value: T): T
export function copyJson(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (isList(value)) return value.map(copyJson)
  const copy: JsonObject = {}
  for (const key of Object.keys(value)) {
    setMember(copy, key, copyJson((value as JsonObject)[key]))
  }
  return copy
}

/** Sets a key that a client chose: `__proto__` becomes an ordinary member, as JSON.parse makes it. */
export function setMember(object: JsonObject, key: string, value: unknown): void {
  if (key !== '__proto__') object[key] = value
  else Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true })
}

/** Whether two JSON values are the same, whatever the order of their keys; undefined members count as absent. */
export function jsonEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (isList(a)) return isList(b) && a.length === b.length && a.every((item, i) => jsonEqual(item, b[i]))
  if (!isObject(a) || !isObject(b)) return false
  let count = 0
  for (const key of Object.keys(a)) {
    const member = a[key]
    if (member === undefined) continue
    count++
    if (!Object.hasOwn(b, key) || !jsonEqual(member, b[key])) return false
  }
  for (const key of Object.keys(b)) if (b[key] !== undefined) count--
  return count === 0
}

/** A value as Go's %v prints it, which is how upstream quotes objects in some messages. */
export function goValue(value: unknown): string {
  if (value === null || value === undefined) return '<nil>'
  if (isList(value)) return `[${value.map(goValue).join(' ')}]`
  if (isObject(value)) {
    const entries = Object.keys(value)
      .sort()
      .map(key => `${key}:${goValue(value[key])}`)
    return `map[${entries.join(' ')}]`
  }
  return typeof value === 'string' ? value : JSON.stringify(value)
}
