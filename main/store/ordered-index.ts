import type { KeyRange } from './key-range.ts'

/** The newest committed values in key order. */
export interface OrderedIndex<V extends { key: string }> {
  get(key: string): V | undefined
  set(value: V): void
  delete(key: string): void
  /** How many keys a range has. */
  count(range: KeyRange): number
  /** The first `limit` values of a range. */
  slice(range: KeyRange, limit: number): V[]
}

/** Past this size a chunk is split; small enough to shift within, large enough that there are few. */
const chunkSize = 512

/** A B-tree of two levels: a sorted list of sorted chunks. A write costs a binary search and a shift inside one chunk. */
export function createOrderedIndex<V extends { key: string }>(): OrderedIndex<V> {
  /** Never holds an empty chunk. Chunks are not merged: churn leaves them small, but deletes them in the end. */
  const chunks: V[][] = []
  /** By key: one value is asked for far more often than a range. */
  const byKey = new Map<string, V>()

  /** The place of the first key that is not below `key`. */
  const seek = (key: string): { chunk: number; offset: number } => {
    const chunk = lowerBound(chunks.length, i => (chunks[i]?.at(-1)?.key ?? '') < key)
    const values = chunks[chunk] ?? []
    return { chunk, offset: lowerBound(values.length, i => (values[i]?.key ?? '') < key) }
  }

  /** The pieces of chunks that make up a range. */
  function* pieces({ from, to }: KeyRange): Generator<{ values: V[]; start: number; end: number }> {
    const first = seek(from)
    const last = seek(to)
    for (let i = first.chunk; i <= last.chunk; i++) {
      const values = chunks[i] ?? []
      const end = i === last.chunk ? last.offset : values.length
      yield { values, start: i === first.chunk ? first.offset : 0, end }
    }
  }

  return {
    get: key => byKey.get(key),

    set(value) {
      byKey.set(value.key, value)
      const at = seek(value.key)
      // Beyond the last key: append to the last chunk.
      const chunk = Math.min(at.chunk, Math.max(chunks.length - 1, 0))
      const values = (chunks[chunk] ??= [])
      const offset = at.chunk === chunk ? at.offset : values.length
      values.splice(offset, values[offset]?.key === value.key ? 1 : 0, value)
      if (values.length > chunkSize) chunks.splice(chunk + 1, 0, values.splice(values.length / 2))
    },

    delete(key) {
      if (!byKey.delete(key)) return
      const { chunk, offset } = seek(key)
      const values = chunks[chunk]
      values?.splice(offset, 1)
      if (values?.length === 0) chunks.splice(chunk, 1)
    },

    count(range) {
      let total = 0
      for (const { start, end } of pieces(range)) total += end - start
      return total
    },

    slice(range, limit) {
      const found: V[] = []
      for (const { values, start, end } of pieces(range)) {
        if (found.length >= limit) break
        for (const value of values.slice(start, Math.min(end, start + limit - found.length))) found.push(value)
      }
      return found
    },
  }
}

/** The first index of `length` for which `below` does not hold; `below` holds for a prefix of the indices. */
function lowerBound(length: number, below: (index: number) => boolean): number {
  let low = 0
  let high = length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (below(middle)) low = middle + 1
    else high = middle
  }
  return low
}
