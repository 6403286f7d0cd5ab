import type { JournalEntry } from './store.ts'

/**
 * After an unclean stop this many revisions are skipped, and no volatile write may be acknowledged further than this
 * ahead of the newest revision on disk: so a client never sees a revision that is later given to something else.
 */
export const volatileSpan = 10_000

/** One row of the log. `time` is in milliseconds since the epoch, `value` the object's JSON. */
export interface Row {
  key: string
  revision: number
  /** The revision of the create that this value descends from. */
  created: number
  deleted: boolean
  time: number
  value: Uint8Array
  journal?: JournalEntry
}

/** A row that is no deletion and, as far as the question goes, the newest of its key. */
export type LiveRow = Pick<Row, 'key' | 'revision' | 'created' | 'value'>

/** A row with the one that it replaced, if that was no deletion. */
export interface Change extends LiveRow {
  deleted: boolean
  before: LiveRow | undefined
}

/** Where the log stands when it is opened. */
export interface Opened {
  /** Every revision handed out so far is at or below this one. */
  revision: number
  compacted: number
}
