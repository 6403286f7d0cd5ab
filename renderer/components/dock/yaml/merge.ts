import { formatFieldPath } from './field-path.ts'

export interface Merged {
  value: unknown
  /** Fields that both changed, and differently: mine is kept. */
  both: string[]
  /** Fields that only they changed: theirs is taken over. */
  theirs: string[]
}

/**
 * My edit of `base` on top of their newer version of it. Maps merge by key, lists of named objects by name; any other
 * list is one value.
 */
export function merge(base: unknown, mine: unknown, theirs: unknown): Merged {
  const both: string[] = []
  const taken: string[] = []
  return { value: at([], base, mine, theirs), both, theirs: taken }

  function at(path: (string | number)[], b: unknown, m: unknown, t: unknown): unknown {
    if (same(m, t) || same(b, t)) return m
    if (isRecord(m) && isRecord(t) && (isRecord(b) || b === undefined)) return mergeMaps(path, b ?? {}, m, t)
    const [named, theirNamed] = [byName(m), byName(t)]
    if (named && theirNamed) {
      const merged = mergeMaps(path, byName(b) ?? {}, named, theirNamed)
      return Object.values(merged)
    }
    if (same(b, m)) {
      taken.push(formatFieldPath(path))
      return t
    }
    both.push(formatFieldPath(path))
    return m
  }

  function mergeMaps(
    path: (string | number)[],
    b: Record<string, unknown>,
    m: Record<string, unknown>,
    t: Record<string, unknown>,
  ): Record<string, unknown> {
    const keys = new Set([...Object.keys(m), ...Object.keys(t)])
    const entries = [...keys].map(key => [key, at([...path, key], b[key], m[key], t[key])] as const)
    return Object.fromEntries(entries.filter(([, value]) => value !== undefined))
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A list of objects that all have different names, by name; undefined for any other value. */
function byName(value: unknown): Record<string, unknown> | undefined {
  if (!Array.isArray(value)) return undefined
  const items: unknown[] = value
  const names = items.map(item => (isRecord(item) ? item['name'] : undefined))
  if (!names.every(name => typeof name === 'string') || new Set(names).size !== names.length) return undefined
  return Object.fromEntries(items.map((item, index) => [names[index], item] as const)) as Record<string, unknown>
}

/** Equal as JSON, whatever the order of keys. */
function same(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, index) => same(item, b[index]))
  if (!isRecord(a) || !isRecord(b)) return false
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every(key => key in b && same(a[key], b[key]))
}
