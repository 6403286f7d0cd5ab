import { markRaw, shallowRef, type ShallowRef } from 'vue'
import type { Table, TableColumn } from '../../shared/api/meta.ts'
import type { KubeObject, Status } from '../../shared/api/object.ts'
import { pathOf, type ResourceRef } from '../../shared/api/ref.ts'
import type { ApiTransport } from '../../shared/client/client.ts'
import type { Host } from '../../shared/contract/host.ts'
import { isExpired, StatusError } from '../../shared/machinery/status.ts'
import { until } from '../api-transport.ts'

/** One object as the server's Table shows it. A change makes a new Row, so a Row can be a key of a cache. */
export interface Row<T extends KubeObject = KubeObject> {
  readonly object: T
  /** One cell for each of the list's columns. */
  readonly cells: readonly unknown[]
}

interface LiveState {
  state: 'loading' | 'live' | 'stale' | 'failed'
  /** Since when the rows are not current, in milliseconds since the epoch; 0 while they are. */
  since: number
  error?: StatusError
}

/** All objects of one kind, kept current. Rows are replaced as a whole, at most once per frame. */
export interface LiveList<T extends KubeObject = KubeObject> {
  readonly ref: ResourceRef<T>
  readonly columns: ShallowRef<readonly TableColumn[]>
  readonly rows: ShallowRef<readonly Row<T>[]>
  readonly state: ShallowRef<LiveState>
}

export interface LiveOptions {
  transport: ApiTransport
  host: Host
  /** Resolves once the engine can be reached. */
  opened: () => Promise<void>
  now: () => number
  /** Calls `fn` before the next frame is painted. */
  onFrame: (fn: () => void) => void
  wait: (ms: number, signal: AbortSignal) => Promise<void>
}

type ServedTable<T extends KubeObject> = Table<T>
interface TableEvent<T extends KubeObject> {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'
  object: ServedTable<T> | Status
}

/** How kubectl asks for a Table. */
const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io'

/**
 * Lists and watches one kind as a Table, with the whole objects in its rows, until the signal aborts. After an error
 * the rows stay and it starts over: at once when the revision is gone, else when the engine is back, backing off from
 * 0.5 s to 10 s.
 */
export function createLiveList<T extends KubeObject>(
  ref: ResourceRef<T>,
  signal: AbortSignal,
  options: LiveOptions,
): LiveList<T> {
  const { transport, host, opened, now, onFrame, wait } = options
  const byUid = new Map<string, Row<T>>()
  const columns = shallowRef<readonly TableColumn[]>([])
  const rows = shallowRef<readonly Row<T>[]>([])
  const state = shallowRef<LiveState>({ state: 'loading', since: 0 })
  const path = pathOf(ref)
  const request = { method: 'GET' as const, path, headers: { accept } }
  let scheduled = false

  function flush(): void {
    if (scheduled) return
    scheduled = true
    onFrame(() => {
      scheduled = false
      rows.value = [...byUid.values()]
    })
  }

  function put(table: ServedTable<T>): void {
    if (table.columnDefinitions.length > 0) columns.value = table.columnDefinitions
    for (const { cells, object } of table.rows) {
      if (object) byUid.set(object.metadata.uid, markRaw({ cells, object: typed(ref, object) }))
    }
  }

  async function list(): Promise<string> {
    const table = await transport.request<ServedTable<T>>({ ...request, query: { includeObject: 'Object' }, signal })
    byUid.clear()
    put(table)
    rows.value = [...byUid.values()]
    state.value = { state: 'live', since: 0 }
    return table.metadata.resourceVersion ?? ''
  }

  async function watch(from: string): Promise<string> {
    let revision = from
    const query = { includeObject: 'Object', watch: 'true', allowWatchBookmarks: 'true', resourceVersion: revision }
    for await (const batch of until(host.watch({ ...request, query }), signal)) {
      for (const { type, object } of batch as TableEvent<T>[]) {
        if (object.kind === 'Status') throw new StatusError(object)
        const changed = object.rows[0]?.object
        revision = changed?.metadata.resourceVersion ?? object.metadata.resourceVersion ?? revision
        if (type === 'DELETED' && changed) byUid.delete(changed.metadata.uid)
        else if (type !== 'BOOKMARK') put(object)
      }
      flush()
    }
    return revision
  }

  const aborted = () => signal.aborted

  async function run(): Promise<void> {
    let failures = 0
    let revision = ''
    while (!signal.aborted) {
      try {
        if (revision === '') revision = await list()
        const began = now()
        // A watch that ends without an error timed out on the server; the next one continues where it stopped.
        revision = await watch(revision)
        failures = 0
        if (now() - began < 1_000) await wait(1_000, signal)
      } catch (error) {
        if (aborted()) return
        revision = ''
        if (isExpired(error)) continue
        const status = error instanceof StatusError ? error : undefined
        const { state: before, since } = state.value
        const kind = before === 'loading' || before === 'failed' ? 'failed' : 'stale'
        state.value = { state: kind, since: since || now(), ...(status && { error: status }) }
        await wait(Math.min(500 * 2 ** failures++, 10_000), signal)
        await opened()
      }
    }
  }
  void run()

  return { ref, columns, rows, state }
}

/** Rows of a Table may leave the kind out; everyone who holds an object relies on it. */
function typed<T extends KubeObject>(ref: ResourceRef<T>, object: T): T {
  if (object.kind && object.kind !== 'PartialObjectMetadata') return object
  return { ...object, kind: ref.kind, apiVersion: ref.group ? `${ref.group}/${ref.version}` : ref.version }
}
