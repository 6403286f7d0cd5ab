import type { KubeObject } from '../../shared/api/object.ts'

/**
 * The only state there is: objects by key, each write one row of an append-only log whose row id is the revision.
 * Keys are `/<group>/<resource>/<namespace>/<name>` (namespace '' for cluster-scoped kinds), so a prefix is a list.
 */
export interface Store extends AsyncDisposable {
  /** The newest committed revision. */
  readonly revision: number
  /** Lists and watches from before this revision fail with `compacted`. */
  readonly compacted: number
  get(key: string): Entry | undefined
  /** Committed entries under a prefix in key order, with the revision they are consistent at. */
  list(prefix: string, options?: ListOptions): Promise<Listing>
  /** How many committed entries a prefix has. */
  count(prefix: string): number
  /**
   * Stages one write against the newest staged value and resolves once it is durable. Fails with `alreadyExists`,
   * `notFound` or `conflict`. The store sets `metadata.resourceVersion`; the object is frozen and kept.
   */
  create(key: string, object: KubeObject, write?: WriteOptions): Promise<Entry>
  update(key: string, expected: number, object: KubeObject, write?: WriteOptions): Promise<Entry>
  /** `last` is the object as watchers shall see it go (deletionTimestamp set, say). */
  delete(key: string, expected: number, last: KubeObject, write?: WriteOptions): Promise<Entry>
  /**
   * Events under a prefix after `from` in revision order, without a gap; throws `compacted` at once if they are gone.
   * Events come from the commit path and writers never wait: a watcher that can't keep up has to end its own watch.
   */
  watch(prefix: string, from: number, watcher: Watcher): Watch
  /** Forgets what no watch or list may ask for any more: everything up to `revision`. History is kept apart. */
  compact(revision: number): Promise<void>
  /** Past values of one key, newest first, deletions included (the time machine). */
  history(key: string, options?: { limit?: number }): Promise<Revision[]>
  /** A consistent copy of the whole database in one file. */
  snapshot(file: string): Promise<void>
}

/** A committed value. `bytes` is the JSON as served, `object` the same value frozen; both carry the resourceVersion. */
export interface Entry {
  readonly key: string
  readonly revision: number
  readonly bytes: Buffer
  readonly object: KubeObject
}

interface ListOptions {
  /** Answer as of this revision; `compacted` if it is gone. */
  revision?: number
  /** Start at the first key greater than this one. */
  after?: string
  limit?: number
}

export interface Listing {
  revision: number
  entries: Entry[]
  /** Entries that were left out because of `limit`. */
  remaining: number
}

export interface WriteOptions {
  /** Who asked, for the journal; written in the same transaction as the object. */
  journal?: JournalEntry
  /** Acknowledge before it is on disk: for Leases, whose loss in a crash is harmless. */
  volatile?: boolean
}

/** One line of the journal: who asked for a write, with what, and how long it took until it was staged. */
export interface JournalEntry {
  auditId: string
  user: string
  /** The User-Agent. */
  agent: string
  verb: string
  /** `pods`, `deployments.apps/scale` */
  resource: string
  namespace: string
  name: string
  /** Microseconds from the request's arrival to staging. */
  latency: number
}

export interface StoreEvent {
  type: 'put' | 'delete'
  /** For a delete: the last value, with the revision of the deletion. */
  entry: Entry
  /** The value before; undefined for a creation. */
  before: Entry | undefined
}

export interface Watcher {
  /** Called in the commit path: it must not throw and must not wait. */
  event(event: StoreEvent): void
  /** The store closes the watch: the events after `from` were compacted while it replayed them, or the store stops. */
  closed(reason: 'compacted' | 'stopped'): void
}

export interface Watch extends Disposable {
  /** Resolves when the events up to the revision at which the watch began have been delivered. */
  readonly replayed: Promise<void>
}

export interface Revision {
  revision: number
  /** Milliseconds since the epoch. */
  time: number
  deleted: boolean
  object: KubeObject
  journal?: JournalEntry
}

export type StoreErrorCode = 'notFound' | 'alreadyExists' | 'conflict' | 'compacted'

/** The store's four failures; anything else it throws is a fault of the machine (disk full, database corrupt). */
export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly code: StoreErrorCode
  readonly key: string

  constructor(code: StoreErrorCode, key: string) {
    super(`${code}: ${key}`)
    this.code = code
    this.key = key
  }
}
