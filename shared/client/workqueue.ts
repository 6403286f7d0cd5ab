import type { Clock } from '../machinery/clock.ts'

/** Keys that wait for work, each at most once, none worked on twice at the same time (client-go util/workqueue). */
export interface Workqueue extends AsyncDisposable {
  add(key: string): void
  /** Adds after `ms`; of several delays for one key the earliest counts. */
  addAfter(key: string, ms: number): void
}

/** What became of a key: done, done for now, or failed (it comes back with back-off). */
export type Outcome = 'done' | 'failed' | { requeueAfter: number }

interface Options {
  clock: Clock
  workers: number
  /** Must not throw. */
  process: (key: string) => Promise<Outcome>
}

const firstDelay = 5
const maxDelay = 1_000_000

/**
 * A queue that works on its keys itself, `workers` at a time, in the order they came. A failed key returns after 5 ms
 * doubling to 1000 s (client-go DefaultTypedControllerRateLimiter, its per-item part). Disposing drops what waits and
 * resolves when the work under way has ended.
 */
export function createWorkqueue({ clock, workers, process }: Options): Workqueue {
  const waiting = new Set<string>()
  const running = new Map<string, Promise<void>>()
  const changedMeanwhile = new Set<string>()
  const delayed = new Map<string, { at: number; timer: Disposable }>()
  const failures = new Map<string, number>()
  let stopped = false
  let pumping = false

  function add(key: string) {
    if (stopped) return
    if (running.has(key)) changedMeanwhile.add(key)
    else waiting.add(key)
    if (pumping) return
    pumping = true
    queueMicrotask(pump) // a burst of changes to one key is worked on once
  }

  function addAfter(key: string, ms: number) {
    if (stopped) return
    if (ms <= 0) {
      add(key)
      return
    }
    const at = clock.now() + ms
    const planned = delayed.get(key)
    if (planned && planned.at <= at) return
    planned?.timer[Symbol.dispose]()
    const fire = () => {
      delayed.delete(key)
      add(key)
    }
    delayed.set(key, { at, timer: clock.setTimeout(fire, ms) })
  }

  function pump() {
    pumping = false
    for (const key of waiting) {
      if (running.size >= workers) return
      waiting.delete(key)
      running.set(key, work(key))
    }
  }

  async function work(key: string) {
    const outcome = await process(key)
    running.delete(key)
    if (outcome === 'failed') {
      const count = failures.get(key) ?? 0
      failures.set(key, count + 1)
      addAfter(key, Math.min(firstDelay * 2 ** count, maxDelay))
    } else {
      failures.delete(key)
      if (outcome !== 'done') addAfter(key, outcome.requeueAfter)
    }
    if (changedMeanwhile.delete(key)) add(key)
    else pump()
  }

  return {
    add,
    addAfter,
    async [Symbol.asyncDispose]() {
      stopped = true
      waiting.clear()
      for (const { timer } of delayed.values()) timer[Symbol.dispose]()
      delayed.clear()
      await Promise.all(running.values())
    },
  }
}
