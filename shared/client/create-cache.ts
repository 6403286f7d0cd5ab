import type { KubeObject, ObjectKey } from '../api/object.ts'
import { keyOf, keyText } from './key.ts'
import type { Lister } from './informer.ts'

/** Index that every informer has: objects by the uids of their owners. */
export const ownerUid = 'owner-uid'
const namespace = 'namespace'

/** An informer's objects with their indices. */
export interface Cache<T extends KubeObject> {
  readonly lister: Lister<T>
  put(object: T): void
  remove(object: T): void
  index: (name: string, values: (object: T) => string[]) => void
}

interface Index<T> {
  values: (object: T) => string[]
  buckets: Map<string, Map<string, T>>
}

/** An empty cache, indexed by namespace and by owner. */
export function createCache<T extends KubeObject>(): Cache<T> {
  const objects = new Map<string, T>()
  const indices = new Map<string, Index<T>>()

  function file(index: Index<T>, key: string, object: T) {
    for (const value of index.values(object)) {
      const bucket = index.buckets.get(value)
      if (bucket) bucket.set(key, object)
      else index.buckets.set(value, new Map([[key, object]]))
    }
  }

  function unfile(index: Index<T>, key: string, object: T) {
    for (const value of index.values(object)) {
      const bucket = index.buckets.get(value)
      bucket?.delete(key)
      if (bucket?.size === 0) index.buckets.delete(value)
    }
  }

  function remove(object: T) {
    const key = keyText(keyOf(object))
    const known = objects.get(key)
    if (!known) return
    for (const index of indices.values()) unfile(index, key, known)
    objects.delete(key)
  }

  function addIndex(name: string, values: (object: T) => string[]) {
    if (indices.has(name)) return
    const index: Index<T> = { values, buckets: new Map() }
    indices.set(name, index)
    for (const [key, object] of objects) file(index, key, object)
  }
  addIndex(namespace, object => [object.metadata.namespace ?? ''])
  addIndex(ownerUid, object => (object.metadata.ownerReferences ?? []).map(owner => owner.uid))

  function by(index: string, value: string): T[] {
    const found = indices.get(index)
    if (!found) throw new Error(`no index ${index}`)
    return [...(found.buckets.get(value)?.values() ?? [])]
  }

  return {
    lister: {
      get: (key: ObjectKey) => objects.get(keyText(key)),
      list: within => (within === undefined ? [...objects.values()] : by(namespace, within)),
      by,
    },
    put(object) {
      remove(object)
      const key = keyText(keyOf(object))
      objects.set(key, object)
      for (const index of indices.values()) file(index, key, object)
    },
    remove,
    index: addIndex,
  }
}
