import type { Pod } from '../../../shared/api/core.ts'
import type { Client } from '../../../shared/client/client.ts'
import type { Clock } from '../../../shared/machinery/clock.ts'
import type { PodFacts } from '../field-ref.ts'
import type { VolumeFile } from '../host.ts'
import type { ObjectReader } from '../object-reader.ts'

/** What sources read to make a volume. */
export interface VolumeContext {
  pod: Pod
  /** Facts that downward API items tell; the IP may not be known yet. */
  facts: PodFacts
  read: ObjectReader
  client: Client
  clock: Clock
}

/** The files of a projection and the instant (ms) at which they must be made anew even if no object changes. */
export interface Projection {
  files: VolumeFile[]
  /** Kept in memory only. */
  secret: boolean
  refreshAt?: number
}

/** Why a volume can't be set up; the text of the FailedMount event follows its name. */
export class MountFault extends Error {
  override readonly name = 'MountFault'
}
