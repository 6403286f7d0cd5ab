import { apiServices, type APIService } from '../../../shared/api/apiregistration.ts'
import type { Store } from '../../store/store.ts'
import { prefixOf } from '../registry/key.ts'

/** The group versions that other servers answer for: APIServices with a Service. */
export interface RemoteApis extends Disposable {
  find(at: { group: string; version: string }): APIService | undefined
  all(): readonly APIService[]
  /** Calls `listener` with the name of each that comes, changes or goes. */
  onChange(listener: (name: string) => void): void
  /** Resolves when those are known that were there from the beginning. */
  readonly ready: Promise<void>
}

/** The name of an APIService says what it is for. */
export const apiServiceName = ({ group, version }: { group: string; version: string }): string => `${version}.${group}`

export function createRemoteApis(store: Store): RemoteApis {
  const prefix = prefixOf(apiServices)
  const known = new Map<string, APIService>()
  const listeners: ((name: string) => void)[] = []
  const set = (object: APIService, gone: boolean) => {
    const { name } = object.metadata
    const remote = !gone && object.spec.service !== undefined
    if (!remote && !known.has(name)) return
    if (remote) known.set(name, object)
    else known.delete(name)
    for (const listener of listeners) listener(name)
  }
  const from = store.revision
  const watch = store.watch(prefix, from, {
    event: ({ type, entry }) => set(entry.object as APIService, type === 'delete'),
    // Only when the store stops: the watch begins at what is newest, which is not compacted.
    closed() {},
  })
  async function load(): Promise<void> {
    if (store.count(prefix) === 0) return
    const { entries } = await store.list(prefix)
    // What has changed since then the watch has told.
    for (const { object, revision } of entries) if (revision <= from) set(object as APIService, false)
  }
  return {
    find: at => (known.size === 0 ? undefined : known.get(apiServiceName(at))),
    all: () => [...known.values()],
    onChange: listener => void listeners.push(listener),
    ready: load(),
    [Symbol.dispose]: () => watch[Symbol.dispose](),
  }
}
