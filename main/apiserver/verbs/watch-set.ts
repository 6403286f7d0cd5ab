import type { Clock } from '../../../shared/machinery/clock.ts'

/** Bookmarks come about this often (apiserver/pkg/storage/cacher, defaultBookmarkFrequency). */
const bookmarkInterval = 60_000

/** A watch as the clock sees it. */
interface TimedWatch {
  /** What is watched; see `end`. */
  readonly of: object
  /** When the server ends it, in milliseconds since the epoch. */
  readonly deadline: number
  expire(): void
  /** Tells the client where the watch is; undefined if it did not ask for bookmarks. */
  readonly bookmark: (() => void) | undefined
}

/** All watches under way, with one timer for the deadlines and bookmarks of all of them. */
export interface WatchSet extends Disposable {
  add(watch: TimedWatch): Disposable
  /** Ends the watches of something that is no longer served. */
  end(of: object): void
}

export function createWatchSet(clock: Clock): WatchSet {
  const watches = new Set<TimedWatch>()
  let nextBookmark = Infinity
  let due = Infinity
  let timer: Disposable | undefined

  const arm = () => {
    let next = nextBookmark
    for (const watch of watches) next = Math.min(next, watch.deadline)
    armAt(next)
  }
  const armAt = (next: number) => {
    timer?.[Symbol.dispose]()
    due = next
    timer = next === Infinity ? undefined : clock.setTimeout(tick, Math.max(0, next - clock.now()))
  }
  const tick = () => {
    const now = clock.now()
    if (now >= nextBookmark) {
      nextBookmark = now + bookmarkInterval
      for (const watch of watches) watch.bookmark?.()
    }
    for (const watch of watches) if (watch.deadline <= now) watch.expire()
    arm()
  }

  return {
    add(watch) {
      watches.add(watch)
      if (watch.bookmark && nextBookmark === Infinity) nextBookmark = clock.now() + bookmarkInterval
      if (Math.min(watch.deadline, nextBookmark) < due) arm()
      return {
        [Symbol.dispose]() {
          watches.delete(watch)
          if (watches.size > 0) return
          nextBookmark = Infinity
          armAt(Infinity)
        },
      }
    },
    end(of) {
      for (const watch of watches) if (watch.of === of) watch.expire()
    },
    [Symbol.dispose]() {
      for (const watch of watches) watch.expire()
      watches.clear()
      armAt(Infinity)
    },
  }
}
