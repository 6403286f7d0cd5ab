import type { KubeObject } from '../api/object.ts'
import { groupResourceOf, type ResourceRef } from '../api/ref.ts'
import type { Clock } from '../machinery/clock.ts'
import type { Logger } from '../machinery/log.ts'
import type { Client } from './client.ts'
import { createCache } from './create-cache.ts'
import type { Informer, InformerHandlers, Informers } from './informer.ts'
import { keyOf, keyText, versionedResourceOf } from './key.ts'
import { reflect } from './reflect.ts'

interface Dependencies {
  client: Client
  log: Logger
  clock: Clock
  random: () => number
}

interface Running {
  informer: Informer<KubeObject>
  stop: AbortController
  done: Promise<void>
}

/** One shared informer per kind, started on first use; disposing ends every watch. */
export function createInformers(dependencies: Dependencies): Informers {
  const stopAll = new AbortController()
  const running = new Map<string, Running>()
  return {
    informer<T extends KubeObject>(ref: ResourceRef<T>) {
      const kind = versionedResourceOf(ref)
      let known = running.get(kind)
      if (!known) {
        const stop = new AbortController()
        const signal = AbortSignal.any([stopAll.signal, stop.signal])
        known = { ...start<KubeObject>(ref, { ...dependencies, signal }), stop }
        running.set(kind, known)
      }
      return known.informer as unknown as Informer<T> // the ref vouches for the type, as it does on the wire
    },
    async stop(ref) {
      const kind = versionedResourceOf(ref)
      const known = running.get(kind)
      running.delete(kind)
      known?.stop.abort()
      await known?.done
    },
    async [Symbol.asyncDispose]() {
      stopAll.abort()
      await Promise.all([...running.values()].map(each => each.done))
    },
  }
}

function start<T extends KubeObject>(ref: ResourceRef<T>, dependencies: Dependencies & { signal: AbortSignal }) {
  const cache = createCache<T>()
  const handlers = new Set<InformerHandlers<T>>()
  const synced = Promise.withResolvers<undefined>()
  const log = dependencies.log.with({ resource: groupResourceOf(ref) })

  function tell(call: (handler: InformerHandlers<T>) => void) {
    for (const handler of handlers) guarded(() => call(handler))
  }
  function guarded(call: () => void) {
    try {
      call()
    } catch (error) {
      log.error('Informer handler failed', { error })
    }
  }

  function put(object: T) {
    const before = cache.lister.get(keyOf(object))
    if (before && before.metadata.uid !== object.metadata.uid)
      remove(before) // its deletion was missed
    else if (before && before.metadata.resourceVersion === object.metadata.resourceVersion) return
    const replaced = cache.lister.get(keyOf(object))
    cache.put(object)
    tell(handler => (replaced ? handler.updated?.(object, replaced) : handler.added?.(object)))
  }
  function remove(object: T) {
    if (!cache.lister.get(keyOf(object))) return
    cache.remove(object)
    tell(handler => handler.deleted?.(object))
  }

  let revision = 0n
  const waiting = new Set<() => void>()

  function until(holds: () => boolean, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.reject(signal.reason as Error)
    if (holds()) return Promise.resolve()
    const { promise, resolve, reject } = Promise.withResolvers<undefined>()
    const check = () => {
      if (holds()) end(() => resolve(undefined))
    }
    const abort = () => end(() => reject(signal.reason as Error))
    const end = (settle: () => void) => {
      waiting.delete(check)
      signal.removeEventListener('abort', abort)
      settle()
    }
    waiting.add(check)
    signal.addEventListener('abort', abort)
    return promise
  }

  const done = reflect(ref, {
    ...dependencies,
    log,
    replace(objects) {
      const listed = new Set(objects.map(object => keyText(keyOf(object))))
      for (const object of cache.lister.list()) if (!listed.has(keyText(keyOf(object)))) remove(object)
      for (const object of objects) put(object)
      synced.resolve(undefined)
    },
    put,
    remove,
    reached(to) {
      revision = asNumber(to)
      for (const check of waiting) guarded(check)
    },
  })

  const informer: Informer<T> = {
    ...cache.lister,
    index: cache.index,
    ref,
    synced: synced.promise,
    until,
    reached(resourceVersion, signal) {
      const wanted = asNumber(resourceVersion ?? '0')
      return until(() => revision >= wanted, signal)
    },
    on(given) {
      const handler = { ...given } // the same handlers may be registered twice
      for (const object of cache.lister.list()) guarded(() => handler.added?.(object))
      handlers.add(handler)
      return { [Symbol.dispose]: () => handlers.delete(handler) }
    },
  }
  return { informer, done }
}

/** Revisions of one kind compare as decimal numbers (KEP-5504); of a server that has others, nothing can be waited for. */
function asNumber(resourceVersion: string): bigint {
  return /^\d+$/.test(resourceVersion) ? BigInt(resourceVersion) : 0n
}
