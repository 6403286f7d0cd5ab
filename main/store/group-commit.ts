import type { StoredEntry } from './entries.ts'
import { volatileSpan, type Row } from './rows.ts'

/** A staged write. `volatile`: may be published before it is on disk. */
export interface Write {
  entry: StoredEntry
  row: Row
  volatile: boolean
}

/** Writes on their way from staging to publication, in revision order. */
export interface GroupCommit {
  /** The newest revision that is on disk. */
  readonly written: number
  /** The newest value of a key that is staged but not yet published. */
  staged(key: string): Pending | undefined
  /** Stages a write, which must be the newest of all; resolves when it is published, rejects when its group fails. */
  add(write: Write): Promise<StoredEntry>
  /** Resolves when all that has been added is on disk. */
  flush(): Promise<void>
}

/** A staged write and what becomes of it. */
interface Pending extends Write {
  outcome: PromiseWithResolvers<StoredEntry>
}

export interface GroupCommitConfig {
  /** The newest revision when the log was opened. */
  written: number
  /** Writes rows in one transaction; resolves when they are durable. */
  commit: (rows: Row[]) => Promise<void>
  /** Makes a write visible. */
  publish: (write: Write) => void
}

/** So many published rows are written even if no durable write comes that could take them along. */
const volatileBatch = 128

/**
 * Everything that is staged while a commit is under way goes into the next one, so an fsync is shared by all who wait.
 * A group that fails takes with it whatever has been staged since, for that may rest on it.
 */
export function createGroupCommit({ written, commit, publish }: GroupCommitConfig): GroupCommit {
  /** Staged and not published. The first is never volatile, except while `advance` runs. */
  const queue: Pending[] = []
  /** Published and not on disk: volatile ones. */
  const unwritten: Row[] = []
  const newest = new Map<string, Pending>()
  let group: Promise<Error | undefined> | undefined
  let advancing = false

  /** Publishes the first `durable` writes of the queue, then volatile ones until a durable one is in the way. */
  function advance(durable: number): void {
    // A watcher may write in the middle of a publication; its turn comes in the loop below.
    if (advancing) return
    advancing = true
    for (let next; (next = queue[0]) && (durable > 0 || next.volatile); durable--) {
      queue.shift()
      if (newest.get(next.entry.key) === next) newest.delete(next.entry.key)
      if (durable <= 0) unwritten.push(next.row)
      publish(next)
      next.outcome.resolve(next.entry)
    }
    advancing = false
  }

  /** Writes one group. The answer is why it failed; volatile rows are tried again with the next one. */
  async function writeGroup(): Promise<Error | undefined> {
    // What arrives in the same turn of the event loop shares the transaction.
    await new Promise(resolve => setImmediate(resolve))
    const [early, staged] = [unwritten.length, queue.length]
    const rows = [...unwritten, ...queue.map(({ row }) => row)]
    try {
      await commit(rows)
    } catch (error) {
      const failure = error instanceof Error ? error : new Error(String(error))
      newest.clear()
      for (const { outcome } of queue.splice(0)) outcome.reject(failure)
      return failure
    }
    written = rows.at(-1)?.revision ?? written
    unwritten.splice(0, early)
    advance(staged)
    return undefined
  }

  /** The group under way, or a new one. */
  function nextGroup(): Promise<Error | undefined> {
    group ??= writeGroup().finally(() => {
      group = undefined
      // Not for volatile rows alone: after a failure that would try without a pause.
      if (queue.length > 0) void nextGroup()
    })
    return group
  }

  return {
    get written() {
      return written
    },
    staged: key => newest.get(key),
    add(write) {
      const volatile = write.volatile && write.row.revision <= written + volatileSpan
      const pending = { ...write, volatile, outcome: Promise.withResolvers<StoredEntry>() }
      queue.push(pending)
      newest.set(write.entry.key, pending)
      advance(0)
      if (queue.length > 0 || unwritten.length >= volatileBatch) void nextGroup()
      return pending.outcome.promise
    },
    async flush() {
      const target = queue.at(-1)?.row.revision ?? unwritten.at(-1)?.revision ?? written
      while (written < target) {
        const failure = await nextGroup()
        if (failure) throw failure
      }
    },
  }
}
