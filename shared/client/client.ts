import type { Draft, KubeList, KubeObject, ObjectKey, WatchEvent } from '../api/object.ts'
import type { ResourceRef } from '../api/ref.ts'

/** One request as HTTP would carry it, whatever carries it. `body` is JSON data, never text. */
export interface ApiRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** e.g. `/api/v1/namespaces/default/pods` */
  path: string
  query?: Record<string, string | string[]>
  /** Lower-case names. */
  headers?: Record<string, string>
  body?: unknown
  signal?: AbortSignal
}

/**
 * How a client reaches an API server: in process, over TLS, or over the window's port. Errors are StatusErrors.
 * Objects that come back belong to the server: they are frozen or private copies, never to be mutated.
 */
export interface ApiTransport {
  /** The decoded JSON answer. */
  request<T>(request: ApiRequest): Promise<T>
  /** The events of a watch until the server ends it or the signal aborts it; both end the iteration without an error. */
  watch<T extends KubeObject>(request: ApiRequest): AsyncIterable<WatchEvent<T>>
  /** The bytes of an answer as they come (logs). */
  bytes(request: ApiRequest): AsyncIterable<Uint8Array>
}

export interface ListOptions {
  /** Omitted: all namespaces. */
  namespace?: string
  labelSelector?: string
  fieldSelector?: string
  limit?: number
  continue?: string
  resourceVersion?: string
  signal?: AbortSignal
}

export interface WatchOptions {
  namespace?: string
  labelSelector?: string
  fieldSelector?: string
  resourceVersion: string
  timeoutSeconds?: number
  allowWatchBookmarks?: boolean
  signal: AbortSignal
}

export interface DeleteOptions {
  gracePeriodSeconds?: number
  propagationPolicy?: 'Foreground' | 'Background' | 'Orphan'
  preconditions?: { uid?: string; resourceVersion?: string }
}

export type PatchType =
  'application/json-patch+json' | 'application/merge-patch+json' | 'application/strategic-merge-patch+json'

/** Typed access to one API server. Every method throws a StatusError. */
export interface Client {
  get<T extends KubeObject>(ref: ResourceRef<T>, key: Partial<ObjectKey> & { name: string }): Promise<T>
  list<T extends KubeObject>(ref: ResourceRef<T>, options?: ListOptions): Promise<KubeList<T>>
  watch<T extends KubeObject>(ref: ResourceRef<T>, options: WatchOptions): AsyncIterable<WatchEvent<T>>
  /** Creates in `object.metadata.namespace`. */
  create<T extends KubeObject>(ref: ResourceRef<T>, object: Draft<T>): Promise<T>
  /** Fails with Conflict if `metadata.resourceVersion` is set and stale. */
  update<T extends KubeObject>(ref: ResourceRef<T>, object: T, subresource?: 'status'): Promise<T>
  patch<T extends KubeObject>(
    ref: ResourceRef<T>,
    key: ObjectKey,
    patch: { type: PatchType; body: unknown; subresource?: string },
  ): Promise<T>
  delete(ref: ResourceRef, key: ObjectKey, options?: DeleteOptions): Promise<void>
  /** POST to a subresource such as `binding` or `token`. */
  createSubresource<Answer>(ref: ResourceRef, key: ObjectKey, subresource: string, body: unknown): Promise<Answer>
  readonly transport: ApiTransport
}
