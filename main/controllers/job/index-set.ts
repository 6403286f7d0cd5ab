/** Completion indexes as ordered intervals that do not touch: a Job may have a hundred thousand. */
export type IndexSet = readonly Interval[]

interface Interval {
  readonly first: number
  readonly last: number
}

/** Reads `1,3-5,7`; what is no number is left out, and so is what is beyond the completions (parseIndexesFromString). */
export function parseIndexes(text: string, completions: number): IndexSet {
  const intervals = text.split(',').flatMap((part): Interval[] => {
    const [first = NaN, last = first] = part.split('-').map(limit => (/^\d+$/.test(limit) ? Number(limit) : NaN))
    const isRead = Number.isSafeInteger(first) && Number.isSafeInteger(last)
    return isRead && first < completions ? [{ first, last: Math.min(last, completions - 1) }] : []
  })
  return union(intervals, [])
}

/** The reverse: two in a row stay apart, as upstream writes them. */
export function formatIndexes(set: IndexSet): string {
  const one = ({ first, last }: Interval) =>
    last === first ? String(first) : `${first}${last === first + 1 ? ',' : '-'}${last}`
  return set.map(one).join(',')
}

/** How many indexes a set has. */
export function countIndexes(set: IndexSet): number {
  return set.reduce((sum, { first, last }) => sum + last - first + 1, 0)
}

/** Whether an index is in a set. */
export function hasIndex(set: IndexSet, index: number): boolean {
  return set.some(({ first, last }) => first <= index && index <= last)
}

/** A set of single indexes, in any order. */
export function indexSetOf(indexes: Iterable<number>): IndexSet {
  const sorted = [...indexes].sort((a, b) => a - b)
  return union(
    sorted.map(index => ({ first: index, last: index })),
    [],
  )
}

/** Indexes that are in either set. */
export function union(a: IndexSet, b: IndexSet): IndexSet {
  const result: { first: number; last: number }[] = []
  for (const { first, last } of [...a, ...b].sort((one, other) => one.first - other.first)) {
    const before = result.at(-1)
    if (before && first <= before.last + 1) before.last = Math.max(before.last, last)
    else result.push({ first, last })
  }
  return result
}

/** How many indexes are in both. */
export function countCommon(a: IndexSet, b: IndexSet): number {
  let count = 0
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    const [one, other] = [a[i], b[j]]
    if (!one || !other) break
    count += Math.max(0, Math.min(one.last, other.last) - Math.max(one.first, other.first) + 1)
    if (one.last < other.last) i++
    else j++
  }
  return count
}

/** The first `count` indexes below `completions` that are not in the set. */
export function firstMissing(set: IndexSet, { count, completions }: { count: number; completions: number }): number[] {
  const missing: number[] = []
  let candidate = 0
  for (const { first, last } of [...set, { first: completions, last: completions }]) {
    while (missing.length < count && candidate < Math.min(first, completions)) missing.push(candidate++)
    candidate = Math.max(candidate, last + 1)
  }
  return missing
}
