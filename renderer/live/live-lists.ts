import type { KubeObject } from '../../shared/api/object.ts'
import { groupResourceOf, type ResourceRef } from '../../shared/api/ref.ts'
import { createLiveList, type LiveList, type LiveOptions } from './live-list.ts'

/** One live list per kind, shared by everything in the window that looks at it. */
export interface LiveLists {
  /** Starts the list or joins it. Disposing the result releases it; some time after the last release it stops. */
  use<T extends KubeObject>(ref: ResourceRef<T>): { list: LiveList<T> } & Disposable
  /** Those in use, for the status bar. */
  all(): LiveList[]
}

interface Entry {
  list: LiveList
  abort: AbortController
  users: number
  stopping?: ReturnType<typeof setTimeout>
}

/** A list outlives its last user by this long, so that going back and forth costs nothing. */
const linger = 20_000

export function createLiveLists(options: LiveOptions): LiveLists {
  const entries = new Map<string, Entry>()

  return {
    use<T extends KubeObject>(ref: ResourceRef<T>) {
      const key = `${groupResourceOf(ref)}/${ref.version}`
      let entry = entries.get(key)
      if (!entry) {
        const abort = new AbortController()
        entry = { list: createLiveList(ref, abort.signal, options), abort, users: 0 }
        entries.set(key, entry)
      }
      const held = entry
      clearTimeout(held.stopping)
      held.users++
      let released = false
      return {
        list: held.list as LiveList<T>,
        [Symbol.dispose]() {
          if (released) return
          released = true
          if (--held.users > 0) return
          held.stopping = setTimeout(() => {
            entries.delete(key)
            held.abort.abort()
          }, linger)
        },
      }
    },
    all: () => [...entries.values()].map(entry => entry.list),
  }
}
