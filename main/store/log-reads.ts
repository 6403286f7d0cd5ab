import type Database from 'better-sqlite3'
import type { KeyRange } from './key-range.ts'
import type { Change, LiveRow, Row } from './rows.ts'
import type { JournalEntry } from './store.ts'

type At = KeyRange & { at: number }
type Span = KeyRange & { after: number; until: number }

interface ChangeColumns extends LiveRow {
  deleted: 0 | 1
  beforeRevision: number | null
  beforeCreated: number
  beforeValue: Uint8Array
}

interface HistoryColumns extends Pick<Row, 'revision' | 'time' | 'value'>, Omit<JournalEntry, 'auditId'> {
  deleted: 0 | 1
  auditId: string | null
}

/** The questions that the log answers. */
export function prepareReads(db: Database.Database) {
  // Walks the index in key order and stops at the limit; a GROUP BY would go through the whole range for every page.
  const latest = `FROM log WHERE key >= @from AND key < @to AND revision <= @at AND NOT deleted AND NOT EXISTS
    (SELECT 1 FROM log AS newer WHERE newer.key = log.key AND newer.revision > log.revision AND newer.revision <= @at)`
  const list = db.prepare<[At & { limit: number }], LiveRow>(
    `SELECT key, revision, created, value ${latest} ORDER BY key LIMIT @limit`,
  )
  const count = db.prepare<[At], number>(`SELECT count(*) ${latest}`).pluck()
  // The '+' keeps the planner off the index on keys: the span is short, the range of keys may be everything.
  const changes = db.prepare<[Span], ChangeColumns>(
    `SELECT log.key, log.revision, log.created, log.deleted, log.value,
        before.revision AS beforeRevision, before.created AS beforeCreated, before.value AS beforeValue
      FROM log LEFT JOIN log AS before ON log.created < log.revision AND before.revision =
        (SELECT max(revision) FROM log AS earlier WHERE earlier.key = log.key AND earlier.revision < log.revision)
      WHERE log.revision > @after AND log.revision <= @until AND +log.key >= @from AND +log.key < @to
      ORDER BY log.revision`,
  )
  const history = db.prepare<[string, number], HistoryColumns>(
    `SELECT log.revision, log.deleted, log.time, log.value, journal.audit_id AS auditId, journal.user,
        journal.agent, journal.verb, journal.resource, journal.namespace, journal.name, journal.latency
      FROM log LEFT JOIN journal USING (revision) WHERE log.key = ? ORDER BY log.revision DESC LIMIT ?`,
  )

  return {
    /** The first `limit` live keys of a range, in key order, as they were at a revision. */
    list: (range: At & { limit: number }): LiveRow[] => list.all(range),

    /** How many live keys a range had at a revision. */
    count: (range: At): number => count.get(range) ?? 0,

    /** What happened to a range of keys between two revisions, `until` included, oldest first. */
    changes: (span: Span): Change[] =>
      changes.all(span).map(({ deleted, beforeRevision, beforeCreated, beforeValue, ...row }) => {
        const { key } = row
        const before = { key, revision: beforeRevision ?? 0, created: beforeCreated, value: beforeValue }
        return { ...row, deleted: deleted === 1, before: beforeRevision === null ? undefined : before }
      }),

    /** The values of one key, newest first; a `limit` of -1 asks for all. */
    history: (key: string, limit: number): Omit<Row, 'created' | 'key'>[] =>
      history.all(key, limit).map(({ revision, deleted, time, value, auditId, ...request }) => {
        const row = { revision, deleted: deleted === 1, time, value }
        return auditId === null ? row : { ...row, journal: { auditId, ...request } }
      }),
  }
}
