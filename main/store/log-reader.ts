import type { KubeObject } from '../../shared/api/object.ts'
import type { Committer } from './committer-thread.ts'
import type { Entries, StoredEntry } from './entries.ts'
import { keyAfter, keyRange, type KeyRange } from './key-range.ts'
import type { Revision, StoreEvent } from './store.ts'
import { parseJson } from '../../shared/machinery/exact-json.ts'

/** Answers from the log what memory doesn't hold. It knows only what is on disk: callers flush first. */
export interface LogReader {
  /** The first `limit` entries of a range as they were at revision `at`, in key order. */
  list(range: KeyRange, options: { at: number; limit: number }): Promise<StoredEntry[]>
  /** How many entries a range had at a revision. */
  count(range: KeyRange, at: number): Promise<number>
  /** The events under a prefix after one revision, up to and with another. */
  events(span: { prefix: string; after: number; until: number }): Promise<StoreEvent[]>
  /** The values of one key, newest first. */
  history(key: string, limit: number): Promise<Revision[]>
}

/** Rows that one answer of the committer thread carries at most; between two answers commits get their turn. */
const batch = 1000

export function createLogReader({ committer, entries }: { committer: Committer; entries: Entries }): LogReader {
  return {
    async list({ from, to }, { at, limit }) {
      const found: StoredEntry[] = []
      while (found.length < limit) {
        const last = found.at(-1)?.key
        const wanted = Math.min(limit - found.length, batch)
        const range = last === undefined ? { from, to } : { from: keyAfter(last), to }
        const rows = await committer.call('list', { ...range, at, limit: wanted })
        for (const row of rows) found.push(entries.fromRow(row))
        if (rows.length < wanted) break
      }
      return found
    },
    count: (range, at) => committer.call('count', { ...range, at }),
    async events({ prefix, ...span }) {
      const changes = await committer.call('changes', { ...keyRange(prefix), ...span })
      return changes.map(({ deleted, before, ...row }) => ({
        type: deleted ? 'delete' : 'put',
        entry: entries.fromRow(row),
        before: before && entries.fromRow(before),
      }))
    },
    async history(key, limit) {
      const rows = await committer.call('history', key, limit === Infinity ? -1 : limit)
      return rows.map(({ value, ...row }) => ({
        ...row,
        object: parseJson(Buffer.from(value).toString()) as KubeObject,
      }))
    },
  }
}
