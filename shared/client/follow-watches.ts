import type { ControllerWatch, LiveWatches } from './controller.ts'
import type { Informer, Informers } from './informer.ts'
import { versionedResourceOf } from './key.ts'
import { sleep } from './sleep.ts'
import type { Clock } from '../machinery/clock.ts'
import type { KubeObject } from '../api/object.ts'

interface Dependencies {
  informers: Informers
  clock: Clock
  /** Something changed that this watch is about. */
  changed: (watch: ControllerWatch, change: Parameters<ControllerWatch['keys']>[0]) => void
}

interface Followed {
  watch: ControllerWatch
  informer: Informer<KubeObject>
  isSynced: boolean
  subscription?: Disposable
}

/** How long kinds that come and go are waited for at the start. */
const syncTimeout = 30_000

/** Tells of changes from when the kinds are synced until it is disposed of. */
export function followWatches(watches: ControllerWatch[] | LiveWatches, dependencies: Dependencies): Disposable {
  const { informers, clock, changed } = dependencies
  const isLive = !Array.isArray(watches)
  const stop = new AbortController()
  const followed = new Set<Followed>()
  let isOpen = false

  function begin(each: Followed) {
    if (!isOpen || !each.isSynced || !followed.has(each) || each.subscription) return
    each.subscription = each.informer.on({
      added: now => changed(each.watch, { now }),
      updated: (now, before) => changed(each.watch, { now, before }),
      deleted: before => changed(each.watch, { before }),
    })
  }

  async function follow(watch: ControllerWatch): Promise<void> {
    const each: Followed = { watch, informer: informers.informer(watch.ref), isSynced: false }
    followed.add(each)
    await each.informer.synced
    each.isSynced = true
    begin(each)
  }

  function end(each: Followed) {
    followed.delete(each)
    each.subscription?.[Symbol.dispose]()
  }

  /** Watches of kinds that have come since the last time begin, those of kinds that are no more end. */
  function update(current: readonly ControllerWatch[]) {
    const wanted = new Map(current.map(watch => [versionedResourceOf(watch.ref), watch]))
    for (const each of followed) {
      const kind = versionedResourceOf(each.watch.ref)
      if (!wanted.delete(kind)) end(each)
    }
    return [...wanted.values()].map(follow)
  }

  const synced = Promise.all(isLive ? update(watches.current()) : watches.map(follow))
  const subscription = isLive ? watches.subscribe(() => void update(watches.current())) : undefined
  void (isLive ? Promise.race([synced, sleep(clock, syncTimeout, stop.signal)]) : synced).then(() => {
    isOpen = true
    for (const each of followed) begin(each)
  })

  return {
    [Symbol.dispose]() {
      stop.abort()
      subscription?.[Symbol.dispose]()
      for (const each of followed) end(each)
    },
  }
}
