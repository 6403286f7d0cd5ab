import type { KubeObject } from '../../shared/api/object.ts'
import { deepFreeze } from './freeze.ts'
import type { LiveRow } from './rows.ts'
import { createShareFields } from './shared-fields.ts'
import type { Entry } from './store.ts'
import { parseJson } from '../../shared/machinery/exact-json.ts'

/** An entry as the store keeps it. `created` is the revision of the create that it descends from. */
export interface StoredEntry extends Entry {
  readonly created: number
}

/** Where a value stands: all of a stored entry but the value. */
type Place = Pick<StoredEntry, 'key' | 'revision' | 'created'>

/** Makes entries. Parsed objects are several times the size of their bytes, so only the recently used are held. */
export interface Entries {
  /** Serialises a copy of `object` that carries the revision. */
  fromObject(place: Place, object: KubeObject): StoredEntry
  fromRow(row: LiveRow): StoredEntry
}

/** `recentBytes`: how much JSON, in bytes, stays parsed; what else is in use somewhere is shared, the rest is parsed again. */
export function createEntries({ recentBytes }: { recentBytes: number }): Entries {
  const keep = keepRecent(recentBytes)
  const shareFields = createShareFields()

  // A class, because a hundred thousand entries share one accessor.
  class LazyEntry implements StoredEntry {
    readonly key: string
    readonly revision: number
    readonly created: number
    readonly bytes: Buffer
    private parsed: WeakRef<KubeObject> | undefined

    constructor({ key, revision, created }: Place, bytes: Buffer, object?: KubeObject) {
      this.key = key
      this.revision = revision
      this.created = created
      this.bytes = bytes
      if (object) this.hold(object)
    }

    get object(): KubeObject {
      const object = this.parsed?.deref()
      if (!object) return this.hold(this.parse())
      keep(object, this.bytes.length)
      return object
    }

    private parse(): KubeObject {
      const object = parseJson(this.bytes.toString()) as KubeObject
      shareFields(object.metadata)
      return deepFreeze(object)
    }

    private hold(object: KubeObject): KubeObject {
      this.parsed = new WeakRef(object)
      keep(object, this.bytes.length)
      return object
    }
  }

  return {
    fromObject(place, object) {
      const metadata = { ...object.metadata, resourceVersion: String(place.revision) }
      shareFields(metadata)
      const stored = deepFreeze({ ...object, metadata })
      return new LazyEntry(place, exactBuffer(JSON.stringify(stored)), stored)
    },
    fromRow({ value, ...place }) {
      return new LazyEntry(place, Buffer.from(value.buffer, value.byteOffset, value.byteLength))
    },
  }
}

const encoder = new TextEncoder()

/** Not from Buffer's pool: one long-lived value would keep its neighbours' memory, and a message would carry the whole slab. */
function exactBuffer(text: string): Buffer {
  return Buffer.from(encoder.encode(text).buffer)
}

/** Holds what was touched lately: two generations, the older is let go when the younger has reached half of the limit. */
function keepRecent(limit: number): (object: object, size: number) => void {
  let generations: [young: Set<object>, old: Set<object>] = [new Set(), new Set()]
  let used = 0
  return (object, size) => {
    const [young] = generations
    if (young.has(object)) return
    young.add(object)
    used += size
    if (used < limit / 2) return
    generations = [new Set(), young]
    used = 0
  }
}
