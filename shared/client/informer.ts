import type { KubeObject, ObjectKey } from '../api/object.ts'
import type { ResourceRef } from '../api/ref.ts'

/** What an informer has seen so far. Objects are shared: never mutate them. */
export interface Lister<T extends KubeObject> {
  get(key: ObjectKey): T | undefined
  /** All, or those of one namespace. */
  list(namespace?: string): T[]
  /** Objects that an index of this name maps to `value`. */
  by(index: string, value: string): T[]
}

export interface InformerHandlers<T extends KubeObject> {
  added?(object: T): void
  updated?(object: T, before: T): void
  deleted?(object: T): void
}

/** A local copy of one kind kept current by list and watch (what client-go calls a SharedIndexInformer). */
export interface Informer<T extends KubeObject> extends Lister<T> {
  readonly ref: ResourceRef<T>
  /** Resolves when the first list is in. */
  readonly synced: Promise<void>
  /** Resolves when the copy includes this revision of the kind, so that a writer reads its own writes. */
  reached(resourceVersion: string | undefined, signal: AbortSignal): Promise<void>
  /** Resolves when `holds` is true, which is asked now and after every change; rejects when the signal aborts. */
  until(holds: () => boolean, signal: AbortSignal): Promise<void>
  /** Handlers first get `added` for what is already known. */
  on(handlers: InformerHandlers<T>): Disposable
  /** Adds an index; `values` gives the values under which an object is found. The same name twice is ignored. */
  index(name: string, values: (object: T) => string[]): void
}

/** One informer per kind, shared by everything in the process and started on first use. */
export interface Informers extends AsyncDisposable {
  informer<T extends KubeObject>(ref: ResourceRef<T>): Informer<T>
  /**
   * Ends the informer of a kind that is no more; resolves when its watch has ended. Its last state stays with those who
   * hold it; whoever asks for the kind again starts another one.
   */
  stop(ref: ResourceRef): Promise<void>
}
