import type { KubeObject } from '../../shared/api/object.ts'
import type { Clock } from '../../shared/machinery/clock.ts'
import type { Entries, StoredEntry } from './entries.ts'
import type { GroupCommit } from './group-commit.ts'
import type { OrderedIndex } from './ordered-index.ts'
import { StoreError, type StoreErrorCode, type WriteOptions } from './store.ts'

interface WriteRequest extends WriteOptions {
  key: string
  /** The revision the value must have; left out for a creation. */
  expected?: number
  object: KubeObject
  deleted?: boolean
}

export interface Writer {
  /** The newest revision handed out. */
  readonly revision: number
  write(request: WriteRequest): Promise<StoredEntry>
}

export interface WriterConfig {
  /** The newest revision so far. */
  revision: number
  index: OrderedIndex<StoredEntry>
  entries: Entries
  groups: GroupCommit
  clock: Clock
}

/** Gives each write its revision, after a look at the newest value of its key, staged or committed. */
export function createWriter({ revision, index, entries, groups, clock }: WriterConfig): Writer {
  return {
    get revision() {
      return revision
    },
    async write({ key, expected, object, deleted = false, journal, volatile = false }) {
      const staged = groups.staged(key)
      const newest = staged ? (staged.row.deleted ? undefined : staged.entry) : index.get(key)
      const code = refusal(newest, expected)
      if (code) {
        // Whoever is told of a conflict reads and tries again: not before the value that is in the way can be read.
        await staged?.outcome.promise.catch(() => undefined)
        throw new StoreError(code, key)
      }
      revision++
      const entry = entries.fromObject({ key, revision, created: newest?.created ?? revision }, object)
      const row = { key, revision, created: entry.created, deleted, time: clock.now(), value: entry.bytes }
      return groups.add({ entry, row: journal ? { ...row, journal } : row, volatile })
    },
  }
}

function refusal(newest: StoredEntry | undefined, expected: number | undefined): StoreErrorCode | undefined {
  if (expected === undefined) return newest ? 'alreadyExists' : undefined
  if (!newest) return 'notFound'
  return newest.revision === expected ? undefined : 'conflict'
}
