import type { Clock } from '../../../shared/machinery/clock.ts'

/** Delays that double per key, as client-go's flowcontrol.Backoff: a key unused for twice the maximum starts afresh. */
export interface BackOff {
  /** Notes a failure that happened at `eventTime`: the first one sets the initial delay, later ones double it. */
  next(key: string, eventTime: number): void
  /** Milliseconds until `delay` has passed since `since`; without it, since the last `next`. 0 when nothing holds the key. */
  remaining(key: string, since?: number): number
  /** The current delay in ms. */
  delay(key: string): number
  /** Drops the keys that begin with `prefix`. */
  forget(prefix: string): void
}

export function createBackOff({ clock, initial, max }: { clock: Clock; initial: number; max: number }): BackOff {
  const entries = new Map<string, { delay: number; updated: number }>()
  const live = (key: string, eventTime: number) => {
    const entry = entries.get(key)
    return entry && eventTime - entry.updated <= 2 * max ? entry : undefined
  }
  return {
    next(key, eventTime) {
      const entry = live(key, eventTime)
      entries.set(key, { delay: entry ? Math.min(entry.delay * 2, max) : initial, updated: clock.now() })
    },
    remaining(key, since) {
      const now = clock.now()
      const entry = live(key, since ?? now)
      return entry ? Math.max(0, (since ?? entry.updated) + entry.delay - now) : 0
    },
    delay: key => entries.get(key)?.delay ?? 0,
    forget(prefix) {
      for (const key of entries.keys()) if (key.startsWith(prefix)) entries.delete(key)
    },
  }
}
