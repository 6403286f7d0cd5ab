import { openDatabase, prepareMeta } from './schema.ts'
import type { KeyRange } from './key-range.ts'
import type { JournalEntry } from './store.ts'
import { prepareTrim, type TrimLimits } from './trim.ts'

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

/** A row that is the newest of its key, as far as the question goes, and no deletion. */
export type LiveRow = Omit<Row, 'deleted' | 'time' | 'journal'>

/** A row with the one that it replaced, if that was no deletion. */
export interface Change extends LiveRow {
  deleted: boolean
  before: LiveRow | undefined
}

export interface Opened {
  /** Every revision handed out so far is at or below this one. */
  revision: number
  compacted: number
}

export interface Page {
  rows: LiveRow[]
  /** Live keys in the range that `limit` left out. */
  remaining: number
}

interface ChangeColumns extends LiveRow {
  deleted: 0 | 1
  beforeRevision: number | null
  beforeCreated: number
  beforeValue: Uint8Array
}

type HistoryColumns = Omit<Row, 'deleted' | 'journal' | 'created'> & { deleted: 0 | 1; auditId: string | null } & Omit<
    JournalEntry,
    'auditId'
  >

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
  // Walks the index in key order and stops at the limit; a GROUP BY would go through the whole range for every page.
  const latest = `FROM log WHERE key >= @from AND key < @to AND revision <= @at AND NOT deleted AND NOT EXISTS
    (SELECT 1 FROM log AS newer WHERE newer.key = log.key AND newer.revision > log.revision AND newer.revision <= @at)`
  const page = db.prepare<[KeyRange & { at: number; limit: number }], LiveRow>(
    `SELECT key, revision, created, value ${latest} ORDER BY key LIMIT @limit`,
  )
  const count = db.prepare<[KeyRange & { at: number }], number>(`SELECT count(*) ${latest}`).pluck()
  const changes = db.prepare<[KeyRange & { after: number; until: number }], ChangeColumns>(
    `SELECT log.key, log.revision, log.created, log.deleted, log.value,
        before.revision AS beforeRevision, before.created AS beforeCreated, before.value AS beforeValue
      FROM log LEFT JOIN log AS before ON log.created < log.revision AND before.revision =
        (SELECT max(revision) FROM log AS earlier WHERE earlier.key = log.key AND earlier.revision < log.revision)
      WHERE log.revision > @after AND log.revision <= @until AND log.key >= @from AND log.key < @to
      ORDER BY log.revision`,
  )
  const past = db.prepare<[string, number], HistoryColumns>(
    `SELECT log.key, log.revision, log.deleted, log.time, log.value, journal.audit_id AS auditId, journal.user,
        journal.agent, journal.verb, journal.resource, journal.namespace, journal.name, journal.latency
      FROM log LEFT JOIN journal USING (revision) WHERE log.key = ? ORDER BY log.revision DESC LIMIT ?`,
  )
  const trim = prepareTrim(db)

  return {
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

    /** Live keys of a range in key order, as they were at revision `at`. */
    list({ limit, counted, ...range }: KeyRange & { at: number; limit: number; counted: boolean }): Page {
      const rows = page.all({ ...range, limit })
      return { rows, remaining: counted ? (count.get(range) ?? 0) - rows.length : 0 }
    },

    /** What happened to a range of keys between two revisions, `until` included, oldest first. */
    changes(range: KeyRange & { after: number; until: number }): Change[] {
      return changes
        .all(range)
        .map(({ deleted, beforeRevision, beforeCreated, beforeValue, ...live }) => ({
          ...live,
          deleted: deleted === 1,
          before:
            beforeRevision === null
              ? undefined
              : { key: live.key, revision: beforeRevision, created: beforeCreated, value: beforeValue },
        }))
    },

    /** The values of one key, newest first; a `limit` of -1 asks for all. */
    history(key: string, limit: number): Omit<Row, 'created'>[] {
      return past
        .all(key, limit)
        .map(({ revision, deleted, time, value, auditId, ...request }) => ({
          key,
          revision,
          deleted: deleted === 1,
          time,
          value,
          ...(auditId !== null && { journal: pick(auditId, request) }),
        }))
    },

    /** Moves the floor of lists and watches. */
    compact(revision: number): void {
      floor.run(revision)
    },

    /** Drops a little history; true if there may be more to drop. */
    trim: (limits: TrimLimits): boolean => trim(limits),

    /** Copies the database into `target` page by page; commits go on in between and are part of the copy. */
    async snapshot(target: string): Promise<void> {
      await db.backup(target)
    },

    /** Empties the write-ahead log and closes; `revision` is the newest one handed out, undefined if rows were lost. */
    close(revision: number | undefined): void {
      if (revision !== undefined) stop.run(revision)
      db.pragma('wal_checkpoint(TRUNCATE)')
      db.close()
    },
  }
}

function pick(
  auditId: string,
  { user, agent, verb, resource, namespace, name, latency }: Omit<JournalEntry, 'auditId'>,
): JournalEntry {
  return { auditId, user, agent, verb, resource, namespace, name, latency }
}
