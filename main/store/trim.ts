import type Database from 'better-sqlite3'
import { prepareMeta } from './schema.ts'

/** What history may stay. Only rows whose successor is at or below `floor` are history at all. */
export interface TrimLimits {
  floor: number
  /** Values replaced before this instant (milliseconds since the epoch) go. */
  before: number
  /** Values go, oldest first, until all of the log holds at most so many bytes. */
  bytes: number
  /** How many rows one call may look at. */
  batch: number
}

interface Successor {
  revision: number
  key: string
  deleted: 0 | 1
  time: number
}

/**
 * Drops history in steps; the answer of one is whether there may be more to drop. `meta.trimmed` walks up the log; at each row the values that it replaced go, and the row too
 * if it is a deletion. So every row is visited once and the cost of a step does not depend on the log's size.
 */
export function prepareTrim(db: Database.Database): (limits: TrimLimits) => boolean {
  const meta = prepareMeta(db)
  const save = db.prepare<[number, number]>('UPDATE meta SET trimmed = ?, bytes = ?')
  const successors = db.prepare<[number, number, number], Successor>(
    'SELECT revision, key, deleted, time FROM log WHERE revision > ? AND revision <= ? ORDER BY revision LIMIT ?',
  )
  const drop = db.prepare<[string, number], { revision: number; size: number }>(
    'DELETE FROM log WHERE key = ? AND revision < ? RETURNING revision, length(value) AS size',
  )
  const forget = db.prepare<[number]>('DELETE FROM journal WHERE revision = ?')

  return db.transaction(({ floor, before, bytes: allowed, batch }: TrimLimits): boolean => {
    let { trimmed, bytes } = meta()
    const rows = successors.all(trimmed, floor, batch)
    let more = rows.length === batch
    for (const { revision, key, deleted, time } of rows) {
      if (time >= before && bytes <= allowed) {
        more = false
        break
      }
      for (const dropped of drop.all(key, revision + deleted)) {
        forget.run(dropped.revision)
        bytes -= dropped.size
      }
      trimmed = revision
    }
    save.run(trimmed, bytes)
    return more
  })
}
