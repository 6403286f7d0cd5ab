import type { Pod } from '../../shared/api/core.ts'
import type { Client } from '../../shared/client/client.ts'
import type { Informers } from '../../shared/client/informer.ts'
import type { EventRecorder } from '../../shared/client/recorder.ts'
import type { Clock } from '../../shared/machinery/clock.ts'
import type { Logger } from '../../shared/machinery/log.ts'
import type { Change } from './change.ts'
import type { Decisions } from './decisions.ts'
import type { Cluster } from './plugin.ts'
import type { Profile } from './profile.ts'
import type { SchedulingQueue } from './scheduling-queue.ts'

/** A profile, and what its scheduler's Events come from. */
interface Framework {
  readonly profile: Profile
  readonly recorder: EventRecorder
}

/** What the parts of one scheduler share. */
export interface SchedulerParts {
  readonly client: Client
  readonly informers: Informers
  readonly clock: Clock
  /** In [0, 1). */
  readonly random: () => number
  readonly log: Logger
  readonly cluster: Cluster
  readonly queue: SchedulingQueue
  readonly decisions: Decisions
  /** Undefined for a pod that names another scheduler. */
  readonly frameworkOf: (pod: Pod) => Framework | undefined
  /** Something happened that could make a waiting pod fit. */
  readonly changed: (change: Change) => void
  /** Aborts when the scheduler stops. */
  readonly signal: AbortSignal
}
