import type { KubeObject, WatchEvent } from '../../../shared/api/object.ts'
import { apiVersionOf } from '../../../shared/api/ref.ts'
import type { StatusError } from '../../../shared/machinery/status.ts'
import type { Resource } from '../../resources/resource.ts'
import type { Entry } from '../../store/store.ts'
import type { Accepted } from '../codec/accept.ts'
import { partialMetadata } from '../codec/partial-metadata.ts'
import { tableOf, type IncludeObject } from '../codec/table.ts'
import type { WatchFrame } from '../request.ts'

export type ChangeType = 'ADDED' | 'MODIFIED' | 'DELETED'

/** Makes the frames of one watch. */
export interface FrameMaker {
  change(type: ChangeType, entry: Pick<Entry, 'object' | 'bytes'>): WatchFrame
  bookmark(revision: number, options?: { initialEventsEnd: boolean }): WatchFrame
}

/** Frames of whole objects, shared by all watchers: every watcher of an event is served before the next one comes. */
export type SharedFrames = (type: ChangeType, entry: Pick<Entry, 'object' | 'bytes'>) => WatchFrame

const close = Buffer.from('}\n')

/** Remembers the last frame of each type, which is all that sharing needs. */
export function createSharedFrames(): SharedFrames {
  const last: Partial<Record<ChangeType, { entry: object; frame: WatchFrame }>> = {}
  return (type, entry) => {
    const kept = last[type]
    if (kept?.entry === entry) return kept.frame
    let line: Buffer | undefined
    const frame: WatchFrame = {
      event: () => ({ type, object: entry.object }),
      line: () => (line ??= Buffer.concat([Buffer.from(`{"type":"${type}","object":`), entry.bytes, close])),
      size: entry.bytes.length,
    }
    last[type] = { entry, frame }
    return frame
  }
}

function dataFrame(event: WatchEvent): WatchFrame {
  let line: Buffer | undefined
  const made = () => (line ??= Buffer.from(`${JSON.stringify(event)}\n`))
  return {
    event: () => event,
    line: made,
    get size() {
      return made().length
    },
  }
}

/** The end of a watch that went wrong. */
export function errorFrame(error: StatusError): WatchFrame {
  return dataFrame({ type: 'ERROR', object: error.status })
}

interface Form extends Pick<Accepted, 'as' | 'apiVersion'> {
  resource: Resource
  include: IncludeObject
  shared: SharedFrames
  now: () => number
}

/** Frames in the form that the client accepts. Only the first Table of a watch has column definitions, as upstream. */
export function createFrameMaker({ resource, as, apiVersion, include, shared, now }: Form): FrameMaker {
  if (as === undefined) return { change: shared, bookmark: (...given) => dataFrame(bookmarkOf(resource, ...given)) }
  let first = true
  const formed = (object: KubeObject): unknown => {
    if (as !== 'Table') return partialMetadata(object, apiVersion)
    const { resourceVersion } = object.metadata
    const metadata = resourceVersion === undefined ? {} : { resourceVersion }
    const table = tableOf({ resource, objects: [object], include, apiVersion, now: now(), metadata, headers: first })
    first = false
    return table
  }
  return {
    change: (type, entry) => dataFrame({ type, object: formed(entry.object) as KubeObject }),
    bookmark(...given) {
      const { object } = bookmarkOf(resource, ...given)
      if (as !== 'Table') return dataFrame({ type: 'BOOKMARK', object: partialMetadata(object, apiVersion) })
      const { metadata } = object
      const row =
        include === 'None'
          ? { cells: [] }
          : { cells: [], object: include === 'Object' ? object : partialMetadata(object, apiVersion) }
      const table = tableOf({
        resource,
        objects: [],
        include,
        apiVersion,
        now: now(),
        metadata: { resourceVersion: metadata.resourceVersion ?? '' },
        headers: first,
      })
      first = false
      return dataFrame({ type: 'BOOKMARK', object: { ...table, rows: [row] } as unknown as KubeObject })
    },
  }
}

function bookmarkOf(
  { ref }: Resource,
  revision: number,
  options?: { initialEventsEnd: boolean },
): { type: 'BOOKMARK'; object: KubeObject } {
  const annotations = options?.initialEventsEnd ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}
  const metadata = { resourceVersion: String(revision), ...annotations }
  // A bookmark is an object of the kind with nothing in it but where the watch is.
  return { type: 'BOOKMARK', object: { kind: ref.kind, apiVersion: apiVersionOf(ref), metadata } as KubeObject }
}
