import type { Deployment, ReplicaSet } from '../../../shared/api/apps.ts'
import { desiredOf, maxOf } from './annotations.ts'
import { byAge, isInUse, size, sum } from './replica-sets.ts'
import { available, surge, wanted, type Step } from './rolling.ts'

interface Sets {
  current: ReplicaSet | undefined
  old: readonly ReplicaSet[]
}

/** The Deployment was resized since it last sized one of its ReplicaSets (deployment/sync.go isScalingEvent). */
export function wasResized(deployment: Deployment, { current, old }: Sets): boolean {
  return [...old, ...(current ? [current] : [])]
    .filter(isInUse)
    .some(replicaSet => (desiredOf(replicaSet) ?? wanted(deployment)) !== wanted(deployment))
}

/**
 * The sizes after a resize or while paused: all of it goes to the one ReplicaSet in use, or, in the middle of a rolling
 * update, to each in proportion to its size, so that the risk stays spread (deployment/sync.go scale).
 */
export function resize(deployment: Deployment, { current, old }: Sets): Step[] {
  const all = [...old, ...(current ? [current] : [])]
  const used = all.filter(isInUse)
  if (used.length <= 1) {
    const only = used[0] ?? current ?? byAge(old).at(-1)
    return only ? [{ replicaSet: only, replicas: wanted(deployment) }] : []
  }
  if (current && isSaturated(deployment, current)) {
    return old.filter(isInUse).map(replicaSet => ({ replicaSet, replicas: 0 }))
  }
  return deployment.spec.strategy?.type === 'Recreate' ? [] : spread(deployment, used)
}

function isSaturated(deployment: Deployment, current: ReplicaSet): boolean {
  const full = wanted(deployment)
  return size(current) === full && desiredOf(current) === full && available(current) === full
}

function spread(deployment: Deployment, used: ReplicaSet[]): Step[] {
  const allowed = wanted(deployment) > 0 ? wanted(deployment) + surge(deployment) : 0
  const toAdd = allowed - sum(used, size)
  // The largest first; of equals the newer grow first and the older shrink first.
  const aged = toAdd > 0 ? byAge(used).reverse() : byAge(used)
  const ordered = aged.sort((a, b) => size(b) - size(a))
  let added = 0
  const steps = ordered.map(replicaSet => {
    const share = toAdd === added ? 0 : limited(proportion(deployment, replicaSet), toAdd - added)
    added += share
    return { replicaSet, replicas: size(replicaSet) + share }
  })
  const largest = steps[0]
  if (largest) largest.replicas = Math.max(0, largest.replicas + toAdd - added)
  return steps
}

/** No more than is left, in either direction. */
const limited = (share: number, left: number) => (left > 0 ? Math.min(share, left) : Math.max(share, left))

/** How many pods a ReplicaSet gains or loses to keep its share of the Deployment (deployment/util getReplicaSetFraction). */
function proportion(deployment: Deployment, replicaSet: ReplicaSet): number {
  if (wanted(deployment) === 0) return -size(replicaSet)
  const before = maxOf(replicaSet) || (deployment.status?.replicas ?? 0)
  if (before === 0) return 0
  const share = (size(replicaSet) * (wanted(deployment) + surge(deployment))) / before
  return Math.round(share) - size(replicaSet)
}
