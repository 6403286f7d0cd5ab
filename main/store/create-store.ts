import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../shared/machinery/clock.ts'
import type { Logger } from '../../shared/machinery/log.ts'
import { startCommitter } from './committer-thread.ts'
import { createCompaction, type HistoryLimits } from './compaction.ts'
import { createEntries, type StoredEntry } from './entries.ts'
import { createEventRing } from './event-ring.ts'
import { createGroupCommit, type Write } from './group-commit.ts'
import { keyRange } from './key-range.ts'
import { createLogReader } from './log-reader.ts'
import { createOrderedIndex } from './ordered-index.ts'
import { StoreError, type Store, type StoreEvent } from './store.ts'
import { createWatchers } from './watchers.ts'
import { createWriter } from './writer.ts'

export interface StoreConfig {
  /** The data directory, which must be there; whoever opens a store there has its lock (lock.ts). */
  directory: string
  log: Logger
  clock: Clock
  /** Defaults: 24 hours, 256 MiB. */
  historyLimits?: HistoryLimits
}

const mebibyte = 2 ** 20
const defaultLimits: HistoryLimits = { age: 24 * 60 * 60_000, bytes: 256 * mebibyte }
/** JSON that is held parsed; as objects this is several times as much. */
const recentBytes = 4 * mebibyte
const ringBytes = 16 * mebibyte
const everything = keyRange('')

/** Opens the store of a data directory. Fails if another process has it open or a newer Podbay wrote it. */
export async function createStore(config: StoreConfig): Promise<Store> {
  const { directory, log, clock, historyLimits: limits = defaultLimits } = config
  await using opening = new AsyncDisposableStack()
  const committer = startCommitter(join(directory, 'store.db'))
  // The stop is clean only if `close` gets so far.
  let cleanAt: number | undefined
  opening.defer(() => committer.close(cleanAt))
  const start = await committer.call('begin')

  const entries = createEntries({ recentBytes })
  const reader = createLogReader({ committer, entries })
  const index = createOrderedIndex<StoredEntry>()
  for (const entry of await reader.list(everything, { at: start.revision, limit: Infinity })) index.set(entry)

  let { revision } = start
  let closed: Promise<void> | undefined
  const publish = ({ entry, row: { deleted } }: Write) => {
    const event: StoreEvent = { type: deleted ? 'delete' : 'put', entry, before: index.get(entry.key) }
    if (deleted) index.delete(entry.key)
    else index.set(entry)
    revision = entry.revision
    ring.push(event)
    watchers.publish(event)
  }
  const groups = createGroupCommit({ written: revision, commit: rows => committer.call('commit', rows), publish })
  const writer = createWriter({ revision, index, entries, groups, clock })
  const ring = createEventRing({ floor: revision, bytes: ringBytes, written: () => groups.written })
  const compaction = createCompaction({
    floor: start.compacted,
    limits,
    committer,
    clock,
    liveBytes: () => index.slice(everything, Infinity).reduce((sum, { bytes }) => sum + bytes.length, 0),
    stopped: () => closed !== undefined,
  })
  const watchers = createWatchers({ ring, compacted: () => compaction.floor, replay: span => reader.events(span), log })

  const open = () => {
    if (closed) throw new Error('the store is closed')
  }
  const owned = opening.move()
  async function close(): Promise<void> {
    try {
      await groups.flush()
      cleanAt = writer.revision
    } catch (error) {
      // Whoever waited for a write has been told; the rest was volatile.
      log.error('last writes are lost', { error })
    }
    watchers.stop()
    // Nothing acknowledged depends on this going well: at worst the next start takes the stop for a crash.
    await owned.disposeAsync().catch((error: unknown) => log.error('store is not closed in order', { error }))
  }

  return {
    get revision() {
      return revision
    },
    get compacted() {
      return compaction.floor
    },
    get: key => index.get(key),
    count: prefix => index.count(keyRange(prefix)),

    async list(prefix, { revision: at = revision, after, limit = Infinity } = {}) {
      open()
      const range = keyRange(prefix, after)
      if (at < compaction.floor) throw new StoreError('compacted', prefix)
      if (ring.unchanged(prefix, at)) {
        const found = index.slice(range, limit)
        return { revision: Math.min(at, revision), entries: found, remaining: index.count(range) - found.length }
      }
      await groups.flush()
      const found = await reader.list(range, { at, limit })
      const remaining = found.length < limit ? 0 : (await reader.count(range, at)) - found.length
      // Checked when the answer is there: the log may have been trimmed before it was asked.
      if (at < compaction.floor) throw new StoreError('compacted', prefix)
      return { revision: at, entries: found, remaining }
    },

    async create(key, object, options = {}) {
      open()
      return writer.write({ key, object, ...options })
    },
    async update(key, expected, object, options = {}) {
      open()
      return writer.write({ key, expected, object, ...options })
    },
    async delete(key, expected, last, options = {}) {
      open()
      return writer.write({ key, expected, object: last, deleted: true, ...options })
    },

    watch: (prefix, from, watcher) => watchers.watch(prefix, from, watcher),

    async compact(upTo) {
      open()
      // A row that reached the log below the floor would escape trimming.
      await groups.flush()
      await compaction.compact(Math.min(upTo, groups.written))
    },
    async history(key, { limit = Infinity } = {}) {
      open()
      await groups.flush()
      return reader.history(key, limit)
    },
    async snapshot(file) {
      open()
      await groups.flush()
      const partial = `${file}.partial`
      try {
        await committer.call('snapshot', partial)
        await rename(partial, file)
      } catch (error) {
        await rm(partial, { force: true })
        throw error
      }
    },

    [Symbol.asyncDispose]: () => (closed ??= close()),
  }
}
