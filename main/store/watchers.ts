import type { Logger } from '../../shared/machinery/log.ts'
import type { EventRing } from './event-ring.ts'
import { resourcePrefix } from './key-range.ts'
import { StoreError, type StoreEvent, type Watch, type Watcher } from './store.ts'

/** Everyone who watches. */
export interface Watchers {
  watch(prefix: string, from: number, watcher: Watcher): Watch
  /** Hands one event, newer than all before, to those it concerns. */
  publish(event: StoreEvent): void
  /** Ends all watches. */
  stop(): void
}

export interface WatchersConfig {
  ring: EventRing
  compacted: () => number
  /** The events under a prefix from the log: after one revision, up to and with another. */
  replay: (range: { prefix: string; after: number; until: number }) => Promise<StoreEvent[]>
  log: Logger
}

interface Subscription {
  readonly prefix: string
  readonly watcher: Watcher
  /** Everything up to this revision has been delivered. */
  position: number
  ended: boolean
}

/** How many revisions one question to the log spans, so that commits get their turn in between. */
const replayStep = 1000

export function createWatchers({ ring, compacted, replay, log }: WatchersConfig): Watchers {
  /** Those that have caught up, by `/<group>/<resource>/`, or '' for wider prefixes. */
  const live = new Map<string, Set<Subscription>>()
  const all = new Set<Subscription>()
  let stopped = false

  const end = (subscription: Subscription) => {
    const bucket = resourcePrefix(subscription.prefix)
    subscription.ended = true
    all.delete(subscription)
    live.get(bucket)?.delete(subscription)
    if (live.get(bucket)?.size === 0) live.delete(bucket)
  }

  const close = (subscription: Subscription, reason: 'compacted' | 'stopped') => {
    if (subscription.ended) return
    end(subscription)
    subscription.watcher.closed(reason)
  }

  const deliver = (subscription: Subscription, event: StoreEvent) => {
    if (subscription.ended || event.entry.revision <= subscription.position) return
    subscription.position = event.entry.revision
    if (!event.entry.key.startsWith(subscription.prefix)) return
    try {
      subscription.watcher.event(event)
    } catch (error) {
      // Against its contract; the commit path and the other watchers must not suffer.
      log.error('watcher failed', { prefix: subscription.prefix, error })
      end(subscription)
    }
  }

  /** Brings a subscription up to the ring's floor from the log. */
  async function replayFromLog(subscription: Subscription): Promise<void> {
    while (!subscription.ended && subscription.position < ring.floor) {
      const until = Math.min(subscription.position + replayStep, ring.floor)
      const events = await replay({ prefix: subscription.prefix, after: subscription.position, until })
      // Checked when the answer is there: the log may have been trimmed before it was asked.
      if (subscription.position < compacted()) close(subscription, 'compacted')
      for (const event of events) deliver(subscription, event)
      subscription.position = until
    }
  }

  async function start(subscription: Subscription): Promise<void> {
    try {
      await replayFromLog(subscription)
    } catch (error) {
      if (!subscription.ended) log.error('watch can not be replayed', { prefix: subscription.prefix, error })
      close(subscription, 'stopped')
    }
    // An event may cause a write that is published at once: what comes while this delivers is in the next round.
    for (let missed; !subscription.ended && (missed = ring.after(subscription.position)).length > 0;) {
      for (const event of missed) deliver(subscription, event)
      subscription.position = Math.max(subscription.position, missed.at(-1)?.entry.revision ?? 0)
    }
    if (subscription.ended) return
    const bucket = resourcePrefix(subscription.prefix)
    live.set(bucket, (live.get(bucket) ?? new Set()).add(subscription))
  }

  return {
    watch(prefix, from, watcher) {
      if (stopped) throw new Error('the store is closed')
      if (from < compacted()) throw new StoreError('compacted', prefix)
      const subscription: Subscription = { prefix, watcher, position: from, ended: false }
      all.add(subscription)
      // Not before the caller has the watch in hand.
      const replayed = Promise.resolve().then(() => start(subscription))
      return { replayed, [Symbol.dispose]: () => end(subscription) }
    },
    publish(event) {
      const bucket = resourcePrefix(event.entry.key)
      for (const subscription of live.get(bucket) ?? []) deliver(subscription, event)
      for (const subscription of live.get('') ?? []) deliver(subscription, event)
    },
    stop() {
      stopped = true
      for (const subscription of all) close(subscription, 'stopped')
    },
  }
}
