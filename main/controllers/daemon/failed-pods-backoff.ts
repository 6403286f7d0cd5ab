const first = 1000
const most = 15 * 60_000

/** How long daemon pods that keep failing stay (daemon_controller.go failedPodsBackoff). Lost by a restart, as upstream's is. */
export interface FailedPodsBackoff {
  /** Milliseconds that a failed pod must still stay; 0 allows its deletion, after which the next one stays twice as long. */
  wait(key: string, now: number): number
}

/** Waits of 1 s, doubled by each failure up to 15 min, forgotten 30 min after the last. */
export function createFailedPodsBackoff(): FailedPodsBackoff {
  const entries = new Map<string, { delay: number; since: number }>()
  return {
    wait(key, now) {
      const known = entries.get(key)
      const left = known ? known.since + known.delay - now : 0
      if (left > 0) return left
      for (const [each, { since }] of entries) if (now - since > 2 * most) entries.delete(each)
      const previous = entries.get(key)
      entries.set(key, { delay: previous ? Math.min(2 * previous.delay, most) : first, since: now })
      return 0
    },
  }
}
