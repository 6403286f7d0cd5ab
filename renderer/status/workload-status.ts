import type { Deployment, ReplicaSet } from '../../shared/api/apps.ts'
import type { Pod } from '../../shared/api/core.ts'
import type { KubeObject } from '../../shared/api/object.ts'
import { podStatus } from './pod-status.ts'
import { condition, type ObjectStatus, type StatusContext } from './status.ts'

/** A rollout that ended in Progressing=False, or whose newest pods fail, has failed its aim: a square. */
export function deploymentStatus(deployment: Deployment, context: StatusContext): ObjectStatus {
  const { spec, status, metadata } = deployment
  const wanted = spec.replicas ?? 1
  if (condition(deployment, 'ReplicaFailure')?.status === 'True') return { mark: 'err', word: 'ReplicaFailure' }
  if (condition(deployment, 'Progressing')?.status === 'False') return { mark: 'err', word: 'RolloutStuck' }
  const pods = context.children(metadata.uid).flatMap(rs => context.children(rs.metadata.uid))
  const failing = pods.some(pod => podStatus(pod as Pod, context.now).mark === 'err')
  const updated = status?.updatedReplicas ?? 0
  const moving =
    (status?.observedGeneration ?? 0) < (metadata.generation ?? 0) ||
    updated < wanted ||
    (status?.replicas ?? 0) > updated
  const available = status?.availableReplicas ?? 0
  if (wanted === 0)
    return (status?.replicas ?? 0) > 0 ? { mark: 'pend', word: 'ScalingDown' } : { mark: 'unk', word: 'ScaledToZero' }
  if (failing) return { mark: 'err', word: moving ? 'RolloutStuck' : 'PodsFail' }
  if (spec.paused) return { mark: 'unk', word: 'Paused' }
  if (moving) return { mark: 'pend', word: 'Progressing' }
  if (available < wanted) {
    const fresh = condition(deployment, 'Progressing')?.reason !== 'NewReplicaSetAvailable'
    return fresh ? { mark: 'pend', word: 'Progressing' } : { mark: 'warn', word: 'NotAllReady' }
  }
  return { mark: 'ok', word: 'Available' }
}

export function replicaSetStatus(replicaSet: ReplicaSet, context: StatusContext): ObjectStatus {
  const wanted = replicaSet.spec.replicas ?? 1
  const ready = replicaSet.status?.readyReplicas ?? 0
  if (condition(replicaSet, 'ReplicaFailure')?.status === 'True') return { mark: 'err', word: 'ReplicaFailure' }
  if (wanted === 0) return { mark: 'unk', word: 'ScaledToZero' }
  if (ready >= wanted) return { mark: 'ok', word: 'Ready' }
  return waitingFor(context.children(replicaSet.metadata.uid), context)
}

/** Of a workload that lacks ready pods: square if one fails, ring while they start, else a triangle. */
function waitingFor(pods: readonly KubeObject[], { now }: StatusContext): ObjectStatus {
  const marks = pods.map(pod => podStatus(pod as Pod, now).mark)
  if (marks.includes('err')) return { mark: 'err', word: 'PodsFail' }
  if (marks.includes('pend') || marks.length === 0) return { mark: 'pend', word: 'Progressing' }
  return { mark: 'warn', word: 'NotAllReady' }
}

interface Counted extends KubeObject {
  spec?: { replicas?: number; suspend?: boolean }
  status?: {
    readyReplicas?: number
    desiredNumberScheduled?: number
    numberReady?: number
    active?: number | unknown[]
  }
}

export function statefulSetStatus(object: KubeObject, context: StatusContext): ObjectStatus {
  const { spec, status } = object as Counted
  const wanted = spec?.replicas ?? 1
  if (wanted === 0) return { mark: 'unk', word: 'ScaledToZero' }
  return (status?.readyReplicas ?? 0) >= wanted
    ? { mark: 'ok', word: 'Ready' }
    : waitingFor(context.children(object.metadata.uid), context)
}

export function daemonSetStatus(object: KubeObject, context: StatusContext): ObjectStatus {
  const { status } = object as Counted
  const wanted = status?.desiredNumberScheduled ?? 0
  if (wanted === 0) return { mark: 'unk', word: 'ScaledToZero' }
  return (status?.numberReady ?? 0) >= wanted
    ? { mark: 'ok', word: 'Ready' }
    : waitingFor(context.children(object.metadata.uid), context)
}

export function jobStatus(object: KubeObject): ObjectStatus {
  const failure = condition(object, 'Failed')
  if (failure?.status === 'True') return { mark: 'err', word: failure.reason ?? 'Failed' }
  if (condition(object, 'Complete')?.status === 'True') return { mark: 'done', word: 'Complete' }
  const { spec } = object as Counted
  return spec?.suspend ? { mark: 'unk', word: 'Suspended' } : { mark: 'ok', word: 'Running' }
}

export function cronJobStatus(object: KubeObject): ObjectStatus {
  const { spec, status } = object as Counted
  if (spec?.suspend) return { mark: 'unk', word: 'Suspended' }
  const active = Array.isArray(status?.active) ? status.active.length : 0
  return { mark: 'ok', word: active > 0 ? 'Running' : 'Scheduled' }
}
