import { prepareReads } from './log-reads.ts'
import { volatileSpan, type Opened, type Row } from './rows.ts'
import { openDatabase, prepareMeta } from './schema.ts'
import type { JournalEntry } from './store.ts'
import { prepareTrim } from './trim.ts'

/** The database and all SQL on it. Lives in the committer thread: every call blocks until SQLite is done. */
export type RevisionLog = ReturnType<typeof openRevisionLog>

export function openRevisionLog(file: string) {
  const db = openDatabase(file)
  const meta = prepareMeta(db)
  const newest = db.prepare<[], number | null>('SELECT max(revision) FROM log').pluck()
  const start = db.prepare<[number]>('UPDATE meta SET revision = ?, clean = 0')
  const stop = db.prepare<[number]>('UPDATE meta SET revision = ?, clean = 1')
  const grow = db.prepare<[number]>('UPDATE meta SET bytes = bytes + ?')
  const floor = db.prepare<[number]>('UPDATE meta SET compacted = max(compacted, ?)')
  const insert = db.prepare<[number, string, number, number, number, Uint8Array]>(
    'INSERT INTO log VALUES (?, ?, ?, ?, ?, ?)',
  )
  const enter = db.prepare<[JournalEntry & { revision: number; time: number }]>(
    'INSERT INTO journal VALUES (@revision, @auditId, @time, @user, @agent, @verb, @resource, @namespace, @name, @latency)',
  )

  return {
    ...prepareReads(db),

    /** The first call: says where the log stands and marks it as in use. */
    begin: db.transaction((): Opened => {
      const { revision, compacted, clean } = meta()
      const seen = Math.max(revision, newest.get() ?? 0) + (clean ? 0 : volatileSpan)
      start.run(seen)
      return { revision: seen, compacted }
    }),

    /** Writes one group: all of it or, when it throws, nothing. */
    commit: db.transaction((rows: readonly Row[]): void => {
      let bytes = 0
      for (const { revision, key, created, deleted, time, value, journal } of rows) {
        insert.run(revision, key, created, Number(deleted), time, value)
        if (journal) enter.run({ ...journal, latency: Math.round(journal.latency), revision, time })
        bytes += value.byteLength
      }
      grow.run(bytes)
    }),

    /** Moves the floor of lists and watches, never back. */
    compact(revision: number): void {
      floor.run(revision)
    },

    trim: prepareTrim(db),

    /** Copies the database into `target` page by page; commits go on in between and are part of the copy. */
    async snapshot(target: string): Promise<void> {
      await db.backup(target)
    },

    /** Closes, which empties the write-ahead log; `revision` is the newest one handed out, undefined if rows were lost. */
    close(revision: number | undefined): void {
      try {
        if (revision !== undefined) stop.run(revision)
      } finally {
        db.close()
      }
    },
  }
}
