import type { ResourceRef } from '../../shared/api/ref.ts'
import type { Informers } from '../../shared/client/informer.ts'
import type { ApiServer } from '../apiserver/server.ts'
import type { LiveKinds } from '../controllers/live-kinds.ts'

interface Options {
  kinds: ApiServer['kinds']
  informers: Pick<Informers, 'stop'>
}

/** The server's kinds for controllers that look at all objects; the informers of kinds that go end. */
export function createLiveKinds({ kinds, informers }: Options): LiveKinds & Disposable {
  let current = kinds.current()
  const listeners = new Set<() => void>()
  const following = kinds.subscribe(() => {
    const next = kinds.current()
    const ids = new Set(next.map(idOf))
    const gone = current.filter(ref => !ids.has(idOf(ref)))
    if (gone.length === 0 && next.length === current.length) return
    current = next
    for (const changed of [...listeners]) changed()
    for (const ref of gone) void informers.stop(ref)
  })
  return {
    current: () => current,
    subscribe(changed) {
      listeners.add(changed)
      return { [Symbol.dispose]: () => void listeners.delete(changed) }
    },
    [Symbol.dispose]: () => following[Symbol.dispose](),
  }
}

const idOf = ({ group, version, resource, kind, namespaced }: ResourceRef) =>
  [group, version, resource, kind, namespaced].join('/')
