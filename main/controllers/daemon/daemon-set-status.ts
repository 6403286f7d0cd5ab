import type { DaemonSet } from '../../../shared/api/apps.ts'
import type { Node, Pod } from '../../../shared/api/core.ts'
import { availableAt, isReady } from '../pod-state.ts'
import { isUpdated } from './daemon-pods.ts'
import { placementOn } from './placement.ts'

interface Observed {
  nodes: readonly Node[]
  pods: ReadonlyMap<string, Pod[]>
  hash: string
  collisionCount: number | undefined
  now: number
}

/** The status as observed: of each node its oldest pod counts (updateDaemonSetStatus). */
export function daemonSetStatus(
  set: DaemonSet,
  { nodes, pods, hash, collisionCount, now }: Observed,
): NonNullable<DaemonSet['status']> {
  const wanted = nodes.filter(node => placementOn(node, set).shouldRun)
  const oldest = wanted.flatMap(({ metadata }) => pods.get(metadata.name)?.[0] ?? [])
  const available = oldest.filter(pod => isReady(pod) && (availableFrom(set, pod) ?? Infinity) <= now).length
  const scheduled = nodes.filter(({ metadata }) => pods.has(metadata.name)).length
  const { generation } = set.metadata
  return {
    ...(set.status?.conditions && { conditions: set.status.conditions }),
    ...(collisionCount !== undefined && { collisionCount }),
    ...(generation !== undefined && { observedGeneration: generation }),
    desiredNumberScheduled: wanted.length,
    currentNumberScheduled: oldest.length,
    numberMisscheduled: scheduled - oldest.length,
    numberReady: oldest.filter(isReady).length,
    ...positive('updatedNumberScheduled', oldest.filter(pod => isUpdated(set, pod, hash)).length),
    ...positive('numberAvailable', available),
    ...positive('numberUnavailable', wanted.length - available),
  }
}

const availableFrom = ({ spec }: DaemonSet, pod: Pod) => availableAt(pod, spec.minReadySeconds ?? 0)

/** Milliseconds until the next ready pod becomes available, if one is waiting for that. */
export function nextAvailable(set: DaemonSet, pods: readonly Pod[], now: number): number | undefined {
  const waits = pods.map(pod => (availableFrom(set, pod) ?? 0) - now).filter(wait => wait > 0)
  return waits.length > 0 ? Math.min(...waits) : undefined
}

/** Zero counts are left out, as Go's omitempty does. */
const positive = <K extends string>(name: K, count: number) => (count > 0 ? { [name]: count } : {})
