import type { StatefulSet } from '../../../shared/api/apps.ts'
import type { Pod } from '../../../shared/api/core.ts'
import { revisionLabel } from '../history/revisions.ts'
import { availableAt, isReady } from '../pod-state.ts'
import { replicasOf } from './ordinals.ts'

type StatefulSetStatus = NonNullable<StatefulSet['status']>

/** The names of the revisions that a set is between; the same if no update is under way. */
interface RevisionNames {
  current: string
  update: string
}

interface Observed {
  pods: readonly Pod[]
  revisions: RevisionNames
  collisionCount: number
  now: number
}

export const isRunningAndReady = (pod: Pod) => pod.status?.phase === 'Running' && isReady(pod)

export const isAvailable = (set: StatefulSet, pod: Pod, now: number) =>
  (availableAt(pod, set.spec.minReadySeconds ?? 0) ?? Infinity) <= now

/**
 * The status as observed (statefulset computeReplicaStatus); once every pod is of the update revision and ready, that
 * is the current one (completeRollingUpdate). Conditions, of which this controller has none, stay as they are.
 */
export function statefulSetStatus(set: StatefulSet, { pods, revisions, collisionCount, now }: Observed) {
  const { generation } = set.metadata
  const { current, update } = revisions
  const staying = pods.filter(pod => !pod.metadata.deletionTimestamp)
  const of = (revision: string) => staying.filter(pod => pod.metadata.labels?.[revisionLabel] === revision).length
  const ready = pods.filter(isRunningAndReady)
  const updated = of(update)
  const isComplete =
    set.spec.updateStrategy?.type === 'RollingUpdate' &&
    [updated, ready.length, pods.length].every(count => count === replicasOf(set))
  return {
    ...(set.status?.conditions && { conditions: set.status.conditions }),
    ...(generation !== undefined && { observedGeneration: generation }),
    replicas: pods.length,
    ...positive('readyReplicas', ready.length),
    ...positive('currentReplicas', isComplete ? updated : of(current)),
    ...positive('updatedReplicas', updated),
    currentRevision: isComplete ? update : current,
    updateRevision: update,
    collisionCount,
    availableReplicas: ready.filter(pod => isAvailable(set, pod, now)).length,
  } satisfies StatefulSetStatus
}

/** Milliseconds until the next ready pod becomes available, if one is waiting for that. */
export function nextAvailable(set: StatefulSet, pods: readonly Pod[], now: number): number | undefined {
  const waits = pods.flatMap(pod => {
    const at = availableAt(pod, set.spec.minReadySeconds ?? 0)
    return at !== undefined && at > now ? [at - now] : []
  })
  return waits.length > 0 ? Math.min(...waits) : undefined
}

/** Zero counts are left out, as Go's omitempty does. */
const positive = <K extends string>(name: K, count: number) => (count > 0 ? { [name]: count } : {})
