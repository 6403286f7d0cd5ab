import type { V1ObjectMeta } from '@kubernetes/client-node/dist/gen/models/V1ObjectMeta.js'
import type { V1OwnerReference } from '@kubernetes/client-node/dist/gen/models/V1OwnerReference.js'

/** The names that `@kubernetes/client-node` escapes because they are reserved words in some language. */
type WireKey<K> = K extends '_continue' | '_default' | '_enum' | '_from' | '_in' | '_int' | '_not'
  ? K extends `_${infer Name}`
    ? Name
    : K
  : K

/** A generated model as JSON carries it: instants are RFC 3339 strings, escaped names are unescaped. */
export type Wire<T> = T extends Date
  ? string
  : T extends (infer Item)[]
    ? Wire<Item>[]
    : T extends object
      ? { [K in keyof T as WireKey<K>]: Wire<T[K]> }
      : T

/** Metadata of a stored object: the server has given it a name and a uid. */
export interface ObjectMeta extends Wire<V1ObjectMeta> {
  name: string
  uid: string
}

export interface OwnerReference extends Wire<V1OwnerReference> {}

/** What every stored object has. `apiVersion` and `kind` are always there on the wire. */
export interface KubeObject {
  apiVersion?: string
  kind?: string
  metadata: ObjectMeta
}

/** A generated model as a stored object. */
export type Stored<T> = Omit<Wire<T>, 'metadata'> & KubeObject

/** A generated model as a stored object whose `spec` the server requires. */
export type StoredSpec<T extends { spec?: unknown }> = Omit<Stored<T>, 'spec'> & { spec: NonNullable<Wire<T>['spec']> }

/** An object as a client sends it to create or apply it: the server completes the metadata. */
export type Draft<T extends KubeObject> = Omit<T, 'metadata'> & { metadata: Partial<ObjectMeta> }

/** Where an object is: its namespace ('' for cluster-scoped kinds) and name. */
export interface ObjectKey {
  namespace: string
  name: string
}

/** A list as the server answers it. `remainingItemCount` only without selectors (API concepts, "Retrieving large results sets in chunks"). */
export interface KubeList<T extends KubeObject = KubeObject> {
  apiVersion?: string
  kind?: string
  metadata: { resourceVersion: string; continue?: string; remainingItemCount?: number }
  items: T[]
}

/** One event of a watch. BOOKMARK carries only a resourceVersion, ERROR a Status. */
export type WatchEvent<T extends KubeObject = KubeObject> =
  { type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'; object: T } | { type: 'ERROR'; object: Status }

/** The answer to a request that returns no object, and the body of every error (API conventions, "Response Status Kind"). */
export interface Status {
  apiVersion: 'v1'
  kind: 'Status'
  metadata: { resourceVersion?: string; continue?: string }
  status: 'Success' | 'Failure'
  message?: string
  reason?: string
  code?: number
  details?: StatusDetails
}

export interface StatusDetails {
  name?: string
  group?: string
  kind?: string
  uid?: string
  causes?: StatusCause[]
  retryAfterSeconds?: number
}

/** One fault: `field` is a path such as `spec.containers[0].image`. */
export interface StatusCause {
  reason?: string
  message?: string
  field?: string
}
