import type { Clock } from '../../shared/machinery/clock.ts'
import type { Committer } from './committer-thread.ts'

/** How much of the past the time machine keeps. */
export interface HistoryLimits {
  /** How long a value is kept after it was replaced, in milliseconds. */
  age: number
  /** The size of all replaced values, in bytes of JSON. */
  bytes: number
}

/** The floor of lists and watches, and the history below it. */
export interface Compaction {
  /** Lists and watches from before this revision are refused. */
  readonly floor: number
  /** Moves the floor up to `revision`, then drops the history that is past the limits. */
  compact(revision: number): Promise<void>
}

export interface CompactionConfig {
  floor: number
  limits: HistoryLimits
  committer: Committer
  clock: Clock
  /** The size of all current values. */
  liveBytes: () => number
  /** Whether to leave off. */
  stopped: () => boolean
}

/** Rows that one step of trimming looks at: about a millisecond of the committer's time, then commits get their turn. */
const batch = 200

export function createCompaction(config: CompactionConfig): Compaction {
  const { limits, committer, clock, liveBytes, stopped } = config
  let { floor } = config
  return {
    get floor() {
      return floor
    },
    async compact(revision) {
      if (revision > floor) {
        await committer.call('compact', revision)
        // Only now: the floor must not be lower after a restart than what was said before.
        floor = Math.max(floor, revision)
      }
      const span = { floor, before: clock.now() - limits.age, bytes: liveBytes() + limits.bytes, batch }
      while (!stopped() && (await committer.call('trim', span)));
    },
  }
}
