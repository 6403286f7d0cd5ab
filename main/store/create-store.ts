import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { KubeObject } from '../../shared/api/object.ts'
import type { Clock } from '../../shared/machinery/clock.ts'
import type { Logger } from '../../shared/machinery/log.ts'
import { startCommitter, type Committer } from './committer-thread.ts'
import { trimHistory, type HistoryLimits } from './compaction.ts'
import { createEntries, type Entries, type StoredEntry } from './entries.ts'
import { createEventRing } from './event-ring.ts'
import { createGroupCommit } from './group-commit.ts'
import { keyRange } from './key-range.ts'
import { acquireLock } from './lock.ts'
import { createOrderedIndex, type OrderedIndex } from './ordered-index.ts'
import type { Change } from './revision-log.ts'
import { StoreError, type Store, type StoreEvent } from './store.ts'
import { createWatchers } from './watchers.ts'
import { createWriter } from './writer.ts'

export interface StoreConfig {
  /** The data directory, made if need be; locked until the store is disposed of. */
  directory: string
  log: Logger
  clock: Clock
  /** Defaults: 24 hours, 256 MiB. */
  historyLimits?: HistoryLimits
}

const megabyte = 2 ** 20
const defaultLimits: HistoryLimits = { age: 24 * 60 * 60_000, bytes: 256 * megabyte }
/** JSON that is held parsed; as objects this is several times as much. */
const recentBytes = 16 * megabyte
const ringBytes = 16 * megabyte
/** Values that one message from the committer thread carries. */
const loadBatch = 1000

/** Opens the store of a data directory. Fails if another engine has it or a newer Podbay wrote it. */
export async function createStore({
  directory,
  log,
  clock,
  historyLimits = defaultLimits,
}: StoreConfig): Promise<Store> {
  await using opening = new AsyncDisposableStack()
  opening.use(acquireLock(directory))
  const committer = startCommitter(join(directory, 'store.db'))
  // Undone in reverse: the thread ends before the lock is given back. No clean mark unless `dispose` gets to it.
  let cleanAt: number | undefined
  opening.defer(() => committer.close(cleanAt))
  const start = await committer.call('begin')
  const entries = createEntries({ recentBytes })
  const index = await load(committer, entries, start.revision)

  let { revision, compacted } = start
  let closed: Promise<void> | undefined
  const everything = keyRange('')
  const toEvent = ({ deleted, before, ...row }: Change): StoreEvent => ({
    type: deleted ? 'delete' : 'put',
    entry: entries.fromRow(row),
    before: before && entries.fromRow(before),
  })
  const groups = createGroupCommit({
    written: revision,
    commit: rows => committer.call('commit', rows),
    publish({ entry, row: { deleted } }) {
      const event: StoreEvent = { type: deleted ? 'delete' : 'put', entry, before: index.get(entry.key) }
      if (deleted) index.delete(entry.key)
      else index.set(entry)
      revision = entry.revision
      ring.push(event)
      watchers.publish(event)
    },
  })
  const ring = createEventRing({ floor: revision, bytes: ringBytes, written: () => groups.written })
  const watchers = createWatchers({
    ring,
    compacted: () => compacted,
    replay: async ({ prefix, ...span }) =>
      (await committer.call('changes', { ...keyRange(prefix), ...span })).map(toEvent),
    log,
  })
  const writer = createWriter({ revision, index, entries, groups, clock })
  const open = () => {
    if (closed) throw new Error('the store is closed')
  }

  async function close(): Promise<void> {
    try {
      await groups.flush()
      cleanAt = writer.revision
    } catch (error) {
      // Whoever waited for a write has been told; the rest was volatile.
      log.error('last writes are lost', { error })
    }
    watchers.stop()
    await owned.disposeAsync()
  }
  const owned = opening.move()

  return {
    get revision() {
      return revision
    },
    get compacted() {
      return compacted
    },
    get: key => index.get(key),
    count: prefix => index.count(keyRange(prefix)),
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
    async list(prefix, { revision: at = revision, after, limit = Infinity } = {}) {
      open()
      const range = keyRange(prefix, after)
      if (at < compacted) throw new StoreError('compacted', prefix)
      if (ring.unchanged(prefix, at)) {
        const found = index.slice(range, limit)
        return { revision: Math.min(at, revision), entries: found, remaining: index.count(range) - found.length }
      }
      await groups.flush()
      const page = await committer.call('list', {
        ...range,
        at,
        limit: Math.min(limit, 2 ** 31),
        counted: limit !== Infinity,
      })
      // Checked when the answer is there: the log may have been trimmed before it was asked.
      if (at < compacted) throw new StoreError('compacted', prefix)
      return { revision: at, entries: page.rows.map(row => entries.fromRow(row)), remaining: page.remaining }
    },
    watch: (prefix, from, watcher) => watchers.watch(prefix, from, watcher),
    async compact(upTo) {
      open()
      await groups.flush()
      const floor = Math.max(compacted, Math.min(upTo, revision))
      await committer.call('compact', floor)
      compacted = Math.max(compacted, floor)
      const liveBytes = () => index.slice(everything, Infinity).reduce((sum, { bytes }) => sum + bytes.length, 0)
      await trimHistory(floor, {
        committer,
        clock,
        limits: historyLimits,
        liveBytes,
        stopped: () => closed !== undefined,
      })
    },
    async history(key, { limit = -1 } = {}) {
      open()
      await groups.flush()
      const rows = await committer.call('history', key, limit)
      return rows.map(({ value, key: _key, ...rest }) => {
        return { ...rest, object: JSON.parse(Buffer.from(value).toString()) as KubeObject }
      })
    },
    async snapshot(file) {
      open()
      await groups.flush()
      await committer.call('snapshot', `${file}.partial`)
      await rename(`${file}.partial`, file)
    },
    [Symbol.asyncDispose]: () => (closed ??= close()),
  }
}

/** Reads all current values into memory. */
async function load(committer: Committer, entries: Entries, at: number): Promise<OrderedIndex<StoredEntry>> {
  const index = createOrderedIndex<StoredEntry>()
  for (let after: string | undefined; ;) {
    const { rows } = await committer.call('list', { ...keyRange('', after), at, limit: loadBatch, counted: false })
    for (const row of rows) index.set(entries.fromRow(row))
    after = rows.at(-1)?.key
    if (rows.length < loadBatch) return index
  }
}
