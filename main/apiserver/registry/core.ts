import type { KubeObject, ObjectKey } from '../../../shared/api/object.ts'
import type { Clock } from '../../../shared/machinery/clock.ts'
import type { Logger } from '../../../shared/machinery/log.ts'
import type { Resource, StrategyContext } from '../../resources/resource.ts'
import type { JournalEntry, Store } from '../../store/store.ts'
import type { Admission } from '../admission/admission.ts'
import type { UserInfo } from '../request.ts'
import type { Allocators } from './allocation.ts'
import type { SharedFrames } from '../verbs/watch-frames.ts'
import type { WatchSet } from '../verbs/watch-set.ts'
import type { ResourceIndex } from './resource-index.ts'

/** What every operation on objects works with; made once by the server. */
export interface Core {
  readonly store: Store
  readonly index: ResourceIndex
  readonly admission: Admission
  readonly allocators: Allocators
  readonly watches: WatchSet
  readonly frames: SharedFrames
  readonly clock: Clock
  readonly random: () => number
  readonly log: Logger
}

/** One write as the registry sees it: what, by whom, and how much it counts. */
export interface Write extends ObjectKey {
  readonly resource: Resource
  /** '' for the object itself. */
  readonly subresource: string
  readonly user: UserInfo
  /** Who gets the fields that the write changes ('' for unknown); left out where the caller sets managedFields, or keeps them. */
  readonly manager?: string
  readonly dryRun: boolean
  /** See AdmissionRequest. */
  readonly options?: () => Readonly<Record<string, unknown>>
  /** Adds a Warning header to the answer. */
  readonly warn: (text: string) => void
  /** The journal's line, made when the write is staged. */
  journal(name: string): JournalEntry
}

/** An object as it is after a write; a dry run has not stored it. */
export interface Written {
  readonly object: KubeObject
  readonly bytes: Buffer
}

/** The outcome of a dry run, in the shape of a stored one. */
export function unstored(object: KubeObject): Written {
  return { object, bytes: Buffer.from(JSON.stringify(object)) }
}

/** What the hooks of a kind may know of the request. */
export function strategyContext(core: Core, write: Write): StrategyContext {
  return { now: core.clock.now(), random: core.random, user: write.user.name, warn: write.warn }
}

/** An object as most errors name it. */
export function subjectOf(resource: Resource, name: string): { group: string; resource: string; name: string } {
  return { group: resource.ref.group, resource: resource.ref.resource, name }
}

/** An object as 422 names it. */
export function kindOf(resource: Resource, name: string): { group: string; kind: string; name: string } {
  return { group: resource.ref.group, kind: resource.ref.kind, name }
}
