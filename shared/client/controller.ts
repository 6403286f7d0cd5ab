import type { KubeObject, ObjectKey } from '../api/object.ts'
import type { Clock } from '../machinery/clock.ts'
import type { Logger } from '../machinery/log.ts'
import type { ResourceRef } from '../api/ref.ts'
import type { Client } from './client.ts'
import type { EventRecorder } from './recorder.ts'
import type { Informers } from './informer.ts'

/** Which keys to reconcile when an object of `ref` changes. `before` is undefined on the first sight, `now` after deletion. */
export interface ControllerWatch<T extends KubeObject = KubeObject> {
  ref: ResourceRef<T>
  keys(change: { now?: T; before?: T }, informers: Informers): ObjectKey[]
}

/**
 * Watches, one per kind, of kinds that come and go while the controller runs. What can't be synced delays the controller
 * by 30 s and the others no longer, and is followed when it can (garbagecollector.go Sync).
 */
export interface LiveWatches {
  readonly current: () => readonly ControllerWatch[]
  /** Calls `changed` when `current` has changed. */
  readonly subscribe: (changed: () => void) => Disposable
}

export interface ControllerContext {
  client: Client
  informers: Informers
  recorder: EventRecorder
  clock: Clock
  /** In [0, 1); injected so that tests repeat. */
  random: () => number
  log: Logger
  /** Aborts when the controller stops. */
  signal: AbortSignal
}

/**
 * A control loop: level-based, one function. `reconcile` reads everything it needs from listers, writes the
 * difference through the client, tolerates stale reads, and remembers nothing between calls that it could not
 * rebuild. Throwing means retry with back-off (5 ms doubling to 1000 s per key, as client-go's rate limiter);
 * `requeueAfter` (ms) asks to be called again.
 */
export interface Controller {
  readonly name: string
  /** An array is synced as a whole before the first reconcile. */
  readonly watches: ControllerWatch[] | LiveWatches
  /** Keys worked on side by side; one key is never worked on twice at once. */
  readonly workers?: number
  reconcile(key: ObjectKey, context: ControllerContext): Promise<{ requeueAfter?: number } | undefined> | Promise<void>
}
