import type { ObjectMeta } from '../../shared/api/object.ts'
import { deepFreeze } from './freeze.ts'

/** Replaces the trees of metadata.managedFields by equal ones that other objects have. `metadata` is changed. */
export type ShareFields = (metadata: ObjectMeta) => void

interface Entry {
  fieldsV1?: object
}

/**
 * Objects that are written alike have the same managed fields, most of whose cost is small objects: ten thousand pods of one
 * kind then hold one tree. Knows the `limit` trees that were used last, by their JSON.
 */
export function createShareFields(limit = 1000): ShareFields {
  const trees = new Map<string, object>()
  const known = new WeakSet<object>()

  const share = (tree: object): object => {
    if (known.has(tree)) return tree
    const text = JSON.stringify(tree)
    const shared = trees.get(text) ?? deepFreeze(tree)
    known.add(shared)
    trees.delete(text)
    trees.set(text, shared)
    for (const oldest of trees.keys()) {
      if (trees.size <= limit) break
      trees.delete(oldest)
    }
    return shared
  }

  return metadata => {
    const managedFields: Entry[] | undefined = metadata.managedFields
    if (!managedFields?.some(({ fieldsV1 }) => fieldsV1 && !known.has(fieldsV1))) return
    metadata.managedFields = managedFields.map(entry =>
      entry.fieldsV1 ? { ...entry, fieldsV1: share(entry.fieldsV1) } : entry,
    )
  }
}
