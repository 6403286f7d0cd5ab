import { isObject } from './json-value.ts'

interface Ordering {
  /** The merged list. */
  items: unknown[]
  /** The order the patch asks for; it may name fewer items than there are. */
  wanted: unknown[]
  /** The list before the patch. */
  live: unknown[]
  /** '' for a list of scalars. */
  mergeKey: string
}

/**
 * Puts the items the patch speaks of in its order and the server's own among them, each before the first patch item
 * that it stood before in the live list (strategicpatch normalizeElementOrder).
 */
export function orderMerged({ items, wanted, live, mergeKey }: Ordering): unknown[] {
  const identity = (item: unknown) => (mergeKey !== '' && isObject(item) ? item[mergeKey] : item)
  const positions = (list: unknown[]) => new Map(list.map((item, i) => [identity(item), i] as const).reverse())
  const wantedAt = positions(wanted)
  const liveAt = positions(live)
  const place = (at: Map<unknown, number>, item: unknown) => at.get(identity(item)) ?? Infinity
  const sorted = (list: unknown[], at: Map<unknown, number>) => list.sort((a, b) => compare(place(at, a), place(at, b)))

  const ours = sorted(
    items.filter(item => wantedAt.has(identity(item))),
    wantedAt,
  )
  const theirs = sorted(
    items.filter(item => !wantedAt.has(identity(item))),
    liveAt,
  )
  const result: unknown[] = []
  let next = 0
  for (const item of ours) {
    while (next < theirs.length && place(liveAt, theirs[next]) < place(liveAt, item) && liveAt.has(identity(item))) {
      result.push(theirs[next++])
    }
    result.push(item)
  }
  return [...result, ...theirs.slice(next)]
}

/** Infinity minus itself is NaN, so the places of unknown items can't be subtracted. */
const compare = (a: number, b: number) => (a === b ? 0 : a < b ? -1 : 1)
