import type { ResourceRef } from '../../shared/api/ref.ts'
import type { ControllerWatch, LiveWatches } from '../../shared/client/controller.ts'

/**
 * The kinds the server has, which may come and go. Who ends a kind takes it out of `current` before it stops the kind's
 * informer, or a reader would start it again.
 */
export interface LiveKinds {
  readonly current: () => readonly ResourceRef[]
  /** Calls `changed` when `current` has changed. */
  readonly subscribe: (changed: () => void) => Disposable
}

/** Kinds that stay as they are. */
export function fixedKinds(kinds: readonly ResourceRef[]): LiveKinds {
  return { current: () => kinds, subscribe: () => ({ [Symbol.dispose]() {} }) }
}

/** Those of the kinds that pass. */
export function filterKinds({ current, subscribe }: LiveKinds, passes: (ref: ResourceRef) => boolean): LiveKinds {
  return { current: () => current().filter(passes), subscribe }
}

/** One watch for each of the kinds. */
export function watchKinds(
  { current, subscribe }: LiveKinds,
  watch: (ref: ResourceRef) => ControllerWatch,
): LiveWatches {
  return { current: () => current().map(watch), subscribe }
}
