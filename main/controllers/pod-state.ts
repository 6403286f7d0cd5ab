import type { Pod } from '../../shared/api/core.ts'

/** A condition of any kind: every one of them has at least this. */
interface Condition {
  type: string
  status: string
}

/** The condition of this type. */
export function conditionOf<C extends Condition>(conditions: readonly C[] | undefined, type: string): C | undefined {
  return conditions?.find(condition => condition.type === type)
}

/** Succeeded or Failed: it will not run again. */
export function isTerminal(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'
}

/** Counts as a replica (pkg/controller IsPodActive). */
export function isActive(pod: Pod): boolean {
  return !isTerminal(pod) && !pod.metadata.deletionTimestamp
}

/** By its condition Ready. */
export function isReady(pod: Pod): boolean {
  return conditionOf(pod.status?.conditions, 'Ready')?.status === 'True'
}

/** Milliseconds since the epoch at which the pod became ready; undefined if it is not. */
export function readySince(pod: Pod): number | undefined {
  const ready = conditionOf(pod.status?.conditions, 'Ready')
  if (ready?.status !== 'True') return undefined
  return ready.lastTransitionTime ? Date.parse(ready.lastTransitionTime) : 0
}

/** When a ready pod counts as available: after `minReadySeconds` (pkg/api/v1/pod IsPodAvailable). */
export function availableAt(pod: Pod, minReadySeconds: number): number | undefined {
  const since = readySince(pod)
  return since === undefined ? undefined : since + minReadySeconds * 1000
}
