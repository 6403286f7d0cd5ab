import type { Deployment, ReplicaSet } from '../../../shared/api/apps.ts'
import { scaledValue } from '../../../shared/machinery/int-or-percent.ts'
import { byAge, size, sum } from './replica-sets.ts'

/** The size a ReplicaSet shall have. */
export interface Step {
  replicaSet: ReplicaSet
  replicas: number
}

interface Rollout {
  deployment: Deployment
  current: ReplicaSet
  old: readonly ReplicaSet[]
}

export const wanted = (deployment: Deployment) => deployment.spec.replicas ?? 1
const isRolling = (deployment: Deployment) => deployment.spec.strategy?.type !== 'Recreate'

/** maxSurge and maxUnavailable in pods; both zero would stop a rollout for ever (deployment/util ResolveFenceposts). */
function fenceposts(deployment: Deployment): { surge: number; unavailable: number } {
  const total = wanted(deployment)
  const rolling = deployment.spec.strategy?.rollingUpdate
  const surge = scaledValue(rolling?.maxSurge ?? 0, { total, round: 'up' }) ?? 0
  const unavailable = scaledValue(rolling?.maxUnavailable ?? 0, { total, round: 'down' }) ?? 0
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable }
}

/** Pods above the wanted number that a rollout may have. */
export function surge(deployment: Deployment): number {
  return isRolling(deployment) ? fenceposts(deployment).surge : 0
}

/** Pods below the wanted number that a rollout may have available. */
export function maxUnavailable(deployment: Deployment): number {
  if (!isRolling(deployment) || wanted(deployment) === 0) return 0
  return Math.min(fenceposts(deployment).unavailable, wanted(deployment))
}

/** The size of the current ReplicaSet as far as the surge allows it to grow (deployment/util NewRSNewReplicas). */
export function currentSize(
  deployment: Deployment,
  { all, from }: { all: readonly ReplicaSet[]; from: number },
): number {
  if (!isRolling(deployment)) return wanted(deployment)
  const room = wanted(deployment) + surge(deployment) - sum(all, size)
  if (room <= 0) return from
  return from + Math.min(room, wanted(deployment) - from)
}

/** The next size of the current ReplicaSet; undefined if it stays. */
export function growCurrent({ deployment, current, old }: Rollout): Step | undefined {
  const from = size(current)
  const replicas =
    from > wanted(deployment) ? wanted(deployment) : currentSize(deployment, { all: [current, ...old], from })
  return replicas === from ? undefined : { replicaSet: current, replicas }
}

/**
 * How the old ReplicaSets shrink: first what is not available anyway, then as much as maxUnavailable allows
 * (deployment/rolling.go). The current one's unavailable pods count as if they never came up.
 */
export function shrinkOld({ deployment, current, old }: Rollout): Step[] {
  const total = sum(old, size) + size(current)
  const minAvailable = wanted(deployment) - maxUnavailable(deployment)
  const currentUnavailable = size(current) - available(current)
  const allowed = total - minAvailable - currentUnavailable
  if (sum(old, size) === 0 || allowed <= 0) return []

  const sizes = new Map(byAge(old).map(replicaSet => [replicaSet, size(replicaSet)]))
  take(sizes, allowed, (replicaSet, left) => left - available(replicaSet))
  const spare = sum([current, ...old], available) - minAvailable
  take(sizes, spare, (_, left) => left)
  return [...sizes]
    .filter(([replicaSet, replicas]) => replicas !== size(replicaSet))
    .map(([replicaSet, replicas]) => ({ replicaSet, replicas }))
}

/** Takes up to `limit` pods in all, of each ReplicaSet what `of` offers. */
function take(sizes: Map<ReplicaSet, number>, limit: number, of: (replicaSet: ReplicaSet, left: number) => number) {
  let taken = 0
  for (const [replicaSet, left] of sizes) {
    const count = Math.min(limit - taken, left, of(replicaSet, left))
    if (count <= 0) continue
    sizes.set(replicaSet, left - count)
    taken += count
  }
}

export const available = (replicaSet: ReplicaSet) => replicaSet.status?.availableReplicas ?? 0
