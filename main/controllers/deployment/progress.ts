import type { Deployment, ReplicaSet } from '../../../shared/api/apps.ts'
import { conditionOf } from '../pod-state.ts'
import { withCondition, withoutCondition, type DeploymentStatus } from './deployment-status.ts'
import { wanted } from './rolling.ts'

interface Sets {
  current: ReplicaSet | undefined
  old: readonly ReplicaSet[]
}

/** A deadline of this many seconds is none. */
const noDeadline = 2 ** 31 - 1

/** Milliseconds; undefined if the Deployment may take for ever. */
function deadline(deployment: Deployment): number | undefined {
  const seconds = deployment.spec.progressDeadlineSeconds
  return seconds === undefined || seconds === noDeadline ? undefined : seconds * 1000
}

/** Whether the Deployment is expected to make progress at all (deployment/util HasProgressDeadline). */
export function hasDeadline(deployment: Deployment): boolean {
  return deadline(deployment) !== undefined
}

/** Every pod is current and available, and nothing of the old is left (deployment/util DeploymentComplete). */
export function isComplete(deployment: Deployment, status: DeploymentStatus): boolean {
  const all = wanted(deployment)
  return (
    (status.updatedReplicas ?? 0) === all &&
    (status.replicas ?? 0) === all &&
    (status.availableReplicas ?? 0) === all &&
    (status.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0)
  )
}

/** Adds the Progressing and ReplicaFailure conditions to a fresh status (deployment/progress.go syncRolloutStatus). */
export function withProgress(deployment: Deployment, fresh: DeploymentStatus, sets: Sets & { now: number }) {
  const { current, old, now } = sets
  const status = hasDeadline(deployment) ? progressed() : withoutCondition(fresh, 'Progressing')
  const failing = [...(current ? [current] : []), ...old]
    .map(replicaSet => conditionOf(replicaSet.status?.conditions, 'ReplicaFailure'))
    .find(condition => condition !== undefined)
  if (!failing) return withoutCondition(status, 'ReplicaFailure')
  const { reason = '', message = '' } = failing
  return withCondition(status, { type: 'ReplicaFailure', status: failing.status, reason, message }, now)

  function progressed(): DeploymentStatus {
    const before = conditionOf(deployment.status?.conditions, 'Progressing')
    const subject = current ? `ReplicaSet "${current.metadata.name}"` : `Deployment "${deployment.metadata.name}"`
    const say = (is: 'True' | 'False', reason: string, what: string) =>
      ({ type: 'Progressing', status: is, reason, message: `${subject} ${what}` }) as const
    const settled =
      (fresh.replicas ?? 0) === (fresh.updatedReplicas ?? 0) && before?.reason === 'NewReplicaSetAvailable'
    if (settled) return fresh
    if (isComplete(deployment, fresh)) {
      return withCondition(fresh, say('True', 'NewReplicaSetAvailable', 'has successfully progressed.'), now)
    }
    if (isProgressing(deployment.status ?? {}, fresh)) {
      // lastUpdateTime moves with every step, which is what the deadline counts from.
      const moved = withCondition(
        withoutCondition(fresh, 'Progressing'),
        say('True', 'ReplicaSetUpdated', 'is progressing.'),
        now,
      )
      return before?.status === 'True' ? keepTransition(moved, before.lastTransitionTime) : moved
    }
    if (timesOutIn(deployment, now) === 0) {
      return withCondition(fresh, say('False', 'ProgressDeadlineExceeded', 'has timed out progressing.'), now)
    }
    return fresh
  }
}

function keepTransition(status: DeploymentStatus, lastTransitionTime: string | undefined): DeploymentStatus {
  const conditions = (status.conditions ?? []).map(condition =>
    condition.type === 'Progressing' && lastTransitionTime ? { ...condition, lastTransitionTime } : condition,
  )
  return { ...status, conditions }
}

/** Something got better since the last status (deployment/util DeploymentProgressing). */
function isProgressing(before: DeploymentStatus, after: DeploymentStatus): boolean {
  const old = (status: DeploymentStatus) => (status.replicas ?? 0) - (status.updatedReplicas ?? 0)
  return (
    (after.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) ||
    old(after) < old(before) ||
    (after.readyReplicas ?? 0) > (before.readyReplicas ?? 0) ||
    (after.availableReplicas ?? 0) > (before.availableReplicas ?? 0)
  )
}

/** Milliseconds until the progress deadline, 0 when it has passed; undefined if none is running. */
export function timesOutIn(deployment: Deployment, now: number): number | undefined {
  const limit = deadline(deployment)
  const condition = conditionOf(deployment.status?.conditions, 'Progressing')
  if (limit === undefined || !condition || condition.reason === 'NewReplicaSetAvailable') return undefined
  if (condition.reason === 'ProgressDeadlineExceeded') return 0
  const from = Date.parse(condition.lastUpdateTime ?? '') || now
  return Math.max(0, from + limit - now)
}
