import type { ReplicaSet } from '../../../shared/api/apps.ts'
import type { Pod } from '../../../shared/api/core.ts'
import { toTime } from '../../../shared/machinery/clock.ts'
import { availableAt, conditionOf, isActive, isReady, isTerminal } from '../pod-state.ts'

export type ReplicaSetStatus = NonNullable<ReplicaSet['status']>

/** As much of a ReplicaSet or ReplicationController as counting its pods takes. */
type Counted = Pick<ReplicaSet, 'metadata' | 'status'> & {
  spec: Pick<ReplicaSet['spec'], 'minReadySeconds' | 'template'>
}

interface Observed {
  /** All pods the set controls. */
  pods: readonly Pod[]
  /** What went wrong when pods were created or deleted. */
  failure: { reason: 'FailedCreate' | 'FailedDelete'; message: string } | undefined
  now: number
}

/** The status as observed (pkg/controller/replicaset/replica_set_utils.go calculateStatus). */
export function replicaSetStatus(replicaSet: Counted, { pods, failure, now }: Observed): ReplicaSetStatus {
  const template = Object.entries(replicaSet.spec.template?.metadata?.labels ?? {})
  const minReadySeconds = replicaSet.spec.minReadySeconds ?? 0
  const active = pods.filter(isActive)
  const count = (test: (pod: Pod) => boolean) => active.filter(test).length
  const conditions = withFailure(replicaSet, failure, now)
  const { generation } = replicaSet.metadata
  return {
    replicas: active.length,
    ...positive(
      'fullyLabeledReplicas',
      count(pod => template.every(([k, v]) => pod.metadata.labels?.[k] === v)),
    ),
    ...positive('readyReplicas', count(isReady)),
    ...positive(
      'availableReplicas',
      count(pod => (availableAt(pod, minReadySeconds) ?? Infinity) <= now),
    ),
    terminatingReplicas: pods.filter(pod => pod.metadata.deletionTimestamp && !isTerminal(pod)).length,
    ...(generation !== undefined && { observedGeneration: generation }),
    ...(conditions.length > 0 && { conditions }),
  }
}

/** Milliseconds until the next ready pod becomes available, if one is waiting for that. */
export function nextAvailable(replicaSet: Counted, pods: readonly Pod[], now: number): number | undefined {
  const minReadySeconds = replicaSet.spec.minReadySeconds ?? 0
  const waits = pods.flatMap(pod => {
    const at = isActive(pod) ? availableAt(pod, minReadySeconds) : undefined
    return at !== undefined && at > now ? [at - now] : []
  })
  return waits.length > 0 ? Math.min(...waits) : undefined
}

function withFailure(replicaSet: Counted, failure: Observed['failure'], now: number) {
  const before = replicaSet.status?.conditions ?? []
  if (failure && conditionOf(before, 'ReplicaFailure')) return before
  const others = before.filter(condition => condition.type !== 'ReplicaFailure')
  if (!failure) return others
  return [...others, { type: 'ReplicaFailure', status: 'True', lastTransitionTime: toTime(now), ...failure }]
}

/** Zero counts are left out, as Go's omitempty does. */
const positive = <K extends string>(name: K, count: number) => (count > 0 ? { [name]: count } : {})
