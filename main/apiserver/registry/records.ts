import type { KubeObject, ObjectKey } from '../../../shared/api/object.ts'
import { jsonEqual } from '../../../shared/machinery/json-value.ts'
import { storageRefOf, type Resource, type StorageForm } from '../../resources/resource.ts'
import type { Entry, Store, WriteOptions } from '../../store/store.ts'
import { keyOf, prefixOf } from './key.ts'

/**
 * The store as a resource sees it: everything in the resource's own form, whatever the form that is stored. Where both
 * are one, entries are the store's own, bytes and all. Conversions may throw or reject with a StatusError.
 */

/** The key under which an object of the resource is stored. */
export const recordKey = (resource: Resource, at: ObjectKey): string => keyOf(storageRefOf(resource), at)

/** Everything of the resource, or of the resource in one namespace, as a prefix of store keys. */
export const recordPrefix = (resource: Resource, namespace?: string): string =>
  prefixOf(storageRefOf(resource), namespace)

/** Entries that were found to have the served form already: what is in the store does not change. */
const known = new WeakMap<StorageForm, WeakSet<Entry>>()

/** An entry of the store in the form of the resource. */
export function served(resource: Resource, entry: Entry): Entry | Promise<Entry> {
  const { stored } = resource
  if (!stored || known.get(stored)?.has(entry)) return entry
  const converted = stored.fromStorage([entry.object])
  return converted instanceof Promise
    ? converted.then(([object]) => dressed(stored, entry, object))
    : dressed(stored, entry, converted[0])
}

/** Entries of the store in the form of the resource, in their order; one conversion for all. */
export function servedAll(resource: Resource, entries: readonly Entry[]): readonly Entry[] | Promise<readonly Entry[]> {
  const { stored } = resource
  if (!stored) return entries
  const inForm = known.get(stored)
  const others = entries.filter(entry => !inForm?.has(entry))
  if (others.length === 0) return entries
  const put = (objects: readonly KubeObject[]) => {
    const converted = new Map(others.map((entry, i) => [entry, dressed(stored, entry, objects[i])]))
    return entries.map(entry => converted.get(entry) ?? entry)
  }
  const objects = stored.fromStorage(others.map(entry => entry.object))
  return objects instanceof Promise ? objects.then(put) : put(objects)
}

function dressed(stored: StorageForm, entry: Entry, object: KubeObject | undefined): Entry {
  if (!object) throw new Error(`conversion lost ${entry.key}`)
  if (object !== entry.object) return convertedEntry(entry, object)
  const inForm = known.get(stored) ?? new WeakSet()
  known.set(stored, inForm.add(entry))
  return entry
}

/** Serialised when someone wants the bytes: selectors and Tables don't. */
function convertedEntry({ key, revision }: Entry, object: KubeObject): Entry {
  let bytes: Buffer | undefined
  return {
    key,
    revision,
    object,
    get bytes() {
      return (bytes ??= Buffer.from(JSON.stringify(object)))
    },
  }
}

/** An object of the resource beside the entry that it is made of. */
export interface StoredRecord {
  readonly entry: Entry
  readonly served: Entry
}

/** The committed object of a name; undefined if there is none. */
export async function findRecord(store: Store, resource: Resource, at: ObjectKey): Promise<StoredRecord | undefined> {
  const entry = store.get(recordKey(resource, at))
  return entry && { entry, served: await served(resource, entry) }
}

/** Stores a new object; see `Store.create`. */
export async function createRecord(
  store: Store,
  { resource, at }: { resource: Resource; at: ObjectKey },
  object: KubeObject,
  options: WriteOptions,
): Promise<Entry> {
  const staged = resource.stored ? await resource.stored.toStorage(object) : object
  return served(resource, await store.create(recordKey(resource, at), staged, options))
}

interface Change {
  resource: Resource
  record: StoredRecord
}

/** Replaces an object; what changes nothing, not even the stored form, is not stored. See `Store.update`. */
export async function updateRecord(
  store: Store,
  { resource, record }: Change,
  object: KubeObject,
  options: WriteOptions,
): Promise<Entry> {
  const { entry } = record
  const staged = resource.stored ? await resource.stored.toStorage(object) : object
  if (jsonEqual(staged, entry.object)) return record.served
  return served(resource, await store.update(entry.key, entry.revision, staged, options))
}

/** Deletes an object; `last` is how watchers see it go. See `Store.delete`. */
export async function deleteRecord(
  store: Store,
  { resource, record }: Change,
  last: KubeObject,
  options: WriteOptions,
): Promise<Entry> {
  const { entry } = record
  const staged = resource.stored ? await resource.stored.toStorage(last) : last
  return served(resource, await store.delete(entry.key, entry.revision, staged, options))
}
