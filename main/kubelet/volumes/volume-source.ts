import type { Pod } from '../../../shared/api/core.ts'
import type { Client } from '../../../shared/client/client.ts'
import type { Clock } from '../../../shared/machinery/clock.ts'
import type { PodFacts } from '../environment/field-ref.ts'
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

/** A fault whose text says by itself which volume it is about. */
export class NamedMountFault extends MountFault {}

/** A volume that does not get as far as being mounted (kubelet.go, SyncPod; volume_manager.go, WaitForAttachAndMount). */
export const notProcessed = (volume: string, why: string): NamedMountFault =>
  new NamedMountFault(
    `Unable to attach or mount volumes: unmounted volumes=[${volume}], unattached volumes=[], failed to process volumes=[${volume}]: ${why}`,
  )

/** Why the volumes of a pod can't be mounted: a text for each that can't, as its FailedMount event tells it. */
export class MountFaults extends Error {
  override readonly name = 'MountFaults'
  readonly texts: readonly string[]

  constructor(texts: readonly string[]) {
    super(joined(texts))
    this.texts = texts
  }
}

/** Several reasons as one text (k8s.io/apimachinery util/errors, aggregate.Error): each once, in brackets unless it is alone. */
export function joined(reasons: readonly string[]): string {
  const [first = '', ...others] = new Set(reasons)
  return others.length === 0 ? first : `[${[first, ...others].join(', ')}]`
}

export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
