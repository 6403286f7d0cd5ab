import type { Deployment, ReplicaSet } from '../../../shared/api/apps.ts'
import { toTime } from '../../../shared/machinery/clock.ts'
import { conditionOf } from '../pod-state.ts'
import { size, sum } from './replica-sets.ts'
import { maxUnavailable, wanted } from './rolling.ts'

export type DeploymentStatus = NonNullable<Deployment['status']>
export type DeploymentCondition = NonNullable<DeploymentStatus['conditions']>[number]

interface Sets {
  current: ReplicaSet | undefined
  old: readonly ReplicaSet[]
}

/** The counts and the Available condition (deployment/sync.go calculateStatus); Progressing is progress.ts's. */
export function deploymentStatus(deployment: Deployment, { current, old }: Sets, now: number): DeploymentStatus {
  const all = [...old, ...(current ? [current] : [])]
  const count = (name: 'replicas' | 'readyReplicas' | 'availableReplicas' | 'terminatingReplicas') =>
    sum(all, replicaSet => replicaSet.status?.[name])
  const available = count('availableReplicas')
  const enough = available >= wanted(deployment) - maxUnavailable(deployment)
  const { generation } = deployment.metadata
  const collisionCount = deployment.status?.collisionCount
  const status: DeploymentStatus = {
    ...(generation !== undefined && { observedGeneration: generation }),
    ...positive('replicas', count('replicas')),
    ...positive('updatedReplicas', current?.status?.replicas ?? 0),
    ...positive('readyReplicas', count('readyReplicas')),
    ...positive('availableReplicas', available),
    ...positive('unavailableReplicas', Math.max(0, sum(all, size) - available)),
    terminatingReplicas: count('terminatingReplicas'),
    ...(collisionCount !== undefined && { collisionCount }),
    conditions: deployment.status?.conditions ?? [],
  }
  return withCondition(
    status,
    enough
      ? {
          type: 'Available',
          status: 'True',
          reason: 'MinimumReplicasAvailable',
          message: 'Deployment has minimum availability.',
        }
      : {
          type: 'Available',
          status: 'False',
          reason: 'MinimumReplicasUnavailable',
          message: 'Deployment does not have minimum availability.',
        },
    now,
  )
}

/**
 * Sets a condition. One that already has this status and reason stays as it is, and only a change of status moves
 * lastTransitionTime (deployment/util SetDeploymentCondition).
 */
export function withCondition(
  status: DeploymentStatus,
  condition: Pick<DeploymentCondition, 'type' | 'status' | 'reason' | 'message'>,
  now: number,
): DeploymentStatus {
  const before = conditionOf(status.conditions, condition.type)
  if (before?.status === condition.status && before.reason === condition.reason) return status
  const kept = before?.status === condition.status ? before.lastTransitionTime : undefined
  const times = { lastUpdateTime: toTime(now), lastTransitionTime: kept ?? toTime(now) }
  return {
    ...status,
    conditions: [...(withoutCondition(status, condition.type).conditions ?? []), { ...condition, ...times }],
  }
}

/** A status without conditions of a type. */
export function withoutCondition(status: DeploymentStatus, type: string): DeploymentStatus {
  return { ...status, conditions: (status.conditions ?? []).filter(condition => condition.type !== type) }
}

/** Zero counts are left out, as Go's omitempty does. */
const positive = <K extends string>(name: K, count: number) => (count > 0 ? { [name]: count } : {})
