import type { StatefulSet } from '../../../shared/api/apps.ts'
import type { Pod } from '../../../shared/api/core.ts'
import type { ControllerContext } from '../../../shared/client/controller.ts'
import { revisionLabel, templateOf } from '../history/revisions.ts'
import { isTerminal } from '../pod-state.ts'
import { slowStart } from '../slow-start.ts'
import { createClaims } from './claims.ts'
import type { Version } from './new-pod.ts'
import { firstOrdinal, isInRange, ordinalOf, replicasOf } from './ordinals.ts'
import { createPod, deletePod, hasStaleClaim, repairPod } from './pod-control.ts'
import { keepClaimOwners } from './retention.ts'
import type { Revisions } from './revisions.ts'
import { isAvailable, isRunningAndReady } from './stateful-set-status.ts'

interface Given {
  set: StatefulSet
  revisions: Revisions
  pods: readonly Pod[]
}

/** A pod's place in the set. */
interface Slot {
  ordinal: number
  pod: Pod | undefined
}

/**
 * Brings the pods of a set one step nearer to what it wants (statefulset updateStatefulSet): first those that it has
 * places for, in order, then those that are too many, last those of an old revision. In order (OrderedReady) each step
 * waits until all before it are available; in parallel nothing waits but updates. Throws the first failure.
 */
export async function act({ set, revisions, pods }: Given, context: ControllerContext): Promise<void> {
  const now = context.clock.now()
  const isOrdered = set.spec.podManagementPolicy !== 'Parallel'
  const byOrdinal = new Map(pods.map(pod => [ordinalOf(pod), pod]))
  const slots = Array.from({ length: replicasOf(set) }, (_, i) => {
    const ordinal = firstOrdinal(set) + i
    return { ordinal, pod: byOrdinal.get(ordinal) }
  })
  const condemned = pods
    .filter(pod => ordinalOf(pod) >= 0 && !isInRange(set, ordinalOf(pod)))
    .sort((a, b) => ordinalOf(b) - ordinalOf(a))
  const isUnavailable = (pod: Pod | undefined) =>
    !pod || pod.metadata.deletionTimestamp !== undefined || !isAvailable(set, pod, now)
  const firstUnavailable = [...slots, ...condemned.toReversed().map(pod => ({ pod }))].find(({ pod }) =>
    isUnavailable(pod),
  )?.pod

  /** Whether to go on to the next place. */
  async function keepReplica({ ordinal, pod }: Slot): Promise<boolean> {
    if (!pod) {
      if (hasStaleClaim(set, ordinal, context)) return false
      await createPod(set, { ordinal, version: versionFor(set, ordinal, revisions) }, context)
      return false
    }
    if (isTerminal(pod)) {
      if (!pod.metadata.deletionTimestamp) await deletePod(set, pod, context)
      return false
    }
    if (pod.status?.phase === 'Pending') {
      await createClaims(set, ordinal, context)
      await keepClaimOwners({ set, pod }, context)
    }
    if (isOrdered && (isUnavailable(pod) || !isRunningAndReady(pod))) return false
    if (!pod.metadata.deletionTimestamp) await repairPod(set, pod, context)
    return true
  }

  async function keepClaims(pod: Pod): Promise<boolean> {
    await keepClaimOwners({ set, pod }, context)
    return true
  }

  async function condemn(pod: Pod): Promise<boolean> {
    if (pod.metadata.deletionTimestamp) return false
    // What is broken further down may be mended first, but nothing is left waiting for itself.
    const isFirst = pod === firstUnavailable
    if (isOrdered && !isFirst && !(isRunningAndReady(pod) && isAvailable(set, pod, now))) return false
    await deletePod(set, pod, context)
    return false
  }

  if (!(await forAll(slots, keepReplica, isOrdered))) return
  if (!(await forAll(condemned, keepClaims, isOrdered))) return
  if (!(await forAll(condemned, condemn, isOrdered))) return
  if (set.spec.updateStrategy?.type === 'OnDelete') return

  const partition = set.spec.updateStrategy?.rollingUpdate?.partition ?? 0
  for (const { pod } of slots.slice(partition).reverse()) {
    const isOld = pod && pod.metadata.labels?.[revisionLabel] !== revisions.update.metadata.name
    if (isOld && !pod.metadata.deletionTimestamp) return deletePod(set, pod, context)
    if (isUnavailable(pod)) return
  }
}

/** Takes a step for each item in turn until one says to wait, or for all at once; whether all may go on. */
async function forAll<T>(items: readonly T[], step: (item: T) => Promise<boolean>, inOrder: boolean): Promise<boolean> {
  if (inOrder) {
    for (const item of items) if (!(await step(item))) return false
    return true
  }
  const steps = items.values()
  const { failures } = await slowStart(items.length, async () => {
    const next = steps.next()
    if (!next.done) await step(next.value)
  })
  if (failures[0]) throw failures[0]
  return true
}

/** Below the partition a pod comes back as it was (newVersionedStatefulSetPod). */
function versionFor(set: StatefulSet, ordinal: number, { current, update }: Revisions): Version {
  const { type, rollingUpdate } = set.spec.updateStrategy ?? {}
  const kept = rollingUpdate
    ? (rollingUpdate.partition ?? 0)
    : type === 'RollingUpdate'
      ? (set.status?.currentReplicas ?? 0)
      : 0
  const revision = ordinal < firstOrdinal(set) + kept ? current : update
  return { template: templateOf(revision), revision: revision.metadata.name }
}
