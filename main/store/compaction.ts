import type { Clock } from '../../shared/machinery/clock.ts'
import type { Committer } from './committer-thread.ts'

/** How much of the past the time machine keeps. */
export interface HistoryLimits {
  /** How long a value is kept after it was replaced, in milliseconds. */
  age: number
  /** The size of all replaced values, in bytes of JSON. */
  bytes: number
}

/** One step of trimming: about a millisecond of the committer's time. */
const batch = 200

export interface CompactionConfig {
  committer: Committer
  clock: Clock
  limits: HistoryLimits
  /** The size of all current values. */
  liveBytes: () => number
  /** Whether to leave off. */
  stopped: () => boolean
}

/** Drops what is below `floor` and past the limits, in small steps between which commits get their turn. */
export async function trimHistory(
  floor: number,
  { committer, clock, limits, liveBytes, stopped }: CompactionConfig,
): Promise<void> {
  const before = clock.now() - limits.age
  const bytes = liveBytes() + limits.bytes
  while (!stopped() && (await committer.call('trim', { floor, before, bytes, batch })));
}
