/** A JSON object whose shape is not known. */
export type JsonObject = Record<string, unknown>

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
  if (typeof value !== 'object' || value === null) return false
  if (levels === 0) return true
  return Object.values(value).some(member => isDeeperThan(member, levels - 1))
}

/**
 * How many values what a client sends may be made of, lists and objects counted too. What checks it works and answers in
 * memory that grows with them: three megabytes of `{},` would cost gigabytes.
 */
export const maxValues = 250_000

/** Whether a value is made of more than `limit` values. It must not be deep. */
export function isMoreThan(value: unknown, limit: number): boolean {
  let left = limit
  const count = (part: unknown): boolean =>
    --left < 0 || (typeof part === 'object' && part !== null && Object.values(part).some(count))
  return count(value)
}

/** Sets a key that a client chose: `__proto__` becomes an ordinary member, as JSON.parse makes it. */
export function setMember(object: JsonObject, key: string, value: unknown): void {
  Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true })
}

/** Whether two JSON values are the same, whatever the order of their keys; undefined members count as absent. */
export function jsonEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (isList(a)) return isList(b) && a.length === b.length && a.every((item, i) => jsonEqual(item, b[i]))
  if (!isObject(a) || !isObject(b)) return false
  const present = (object: JsonObject) => Object.keys(object).filter(key => object[key] !== undefined)
  const keys = present(a)
  return keys.length === present(b).length && keys.every(key => Object.hasOwn(b, key) && jsonEqual(a[key], b[key]))
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
