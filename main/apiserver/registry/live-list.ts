import type { KubeObject } from '../../../shared/api/object.ts'
import type { ResourceRef } from '../../../shared/api/ref.ts'
import type { Store } from '../../store/store.ts'
import { prefixOf } from './key.ts'

/** What is committed of a kind, for those who ask at each request: it is listed again only after a change. */
export interface LiveList<T> extends Disposable {
  /** In the order of names. At once where there is nothing, or nothing new. */
  all(): readonly T[] | Promise<readonly T[]>
}

const none: readonly never[] = []

/** `make` sees all objects after each change; what it makes of them is kept. */
export function createLiveList<T extends KubeObject, Made = T>(
  store: Store,
  ref: ResourceRef<T>,
  make: (objects: readonly T[]) => readonly Made[],
): LiveList<Made> {
  const prefix = prefixOf(ref)
  let known: readonly Made[] | undefined
  let changes = 0
  const watch = store.watch(prefix, store.revision, {
    event() {
      known = undefined
      changes++
    },
    // Only when the store stops: the watch begins at what is newest, which is not compacted.
    closed() {},
  })
  async function list(): Promise<readonly Made[]> {
    const before = changes
    const { entries } = await store.list(prefix)
    const made = make(entries.map(({ object }) => object as T))
    if (before === changes) known = made
    return made
  }
  return {
    all() {
      // Most lists of most clusters are empty, and each request asks for some ten.
      if (!known && store.count(prefix) === 0) known = none
      return known ?? list()
    },
    [Symbol.dispose]: () => watch[Symbol.dispose](),
  }
}
