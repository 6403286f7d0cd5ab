import { statefulSets, type StatefulSet } from '../../../shared/api/apps.ts'
import { persistentVolumeClaims, pods, type PersistentVolumeClaim, type Pod } from '../../../shared/api/core.ts'
import type { KubeObject, OwnerReference } from '../../../shared/api/object.ts'
import { apiVersionOf, type ResourceRef } from '../../../shared/api/ref.ts'
import type { ControllerContext } from '../../../shared/client/controller.ts'
import { controllerRef } from '../../../shared/client/watches.ts'
import { claimsOf } from './claims.ts'
import { isInRange, ordinalOf } from './ordinals.ts'

/** A claim with the pod and the set that may own it. */
interface Owners {
  set: StatefulSet
  pod: Pod
}

/**
 * Makes the claims of a pod go with whom the retention policy says: with the set when it is deleted, with the pod when
 * the set shrinks (KEP-1847, UpdatePodClaimForRetentionPolicy). Returns whether anything changed.
 */
export async function keepClaimOwners(owners: Owners, context: ControllerContext): Promise<boolean> {
  const { client, informers, recorder, signal } = context
  let changed = false
  for (const claim of claimsOf(owners.set, ordinalOf(owners.pod), context)) {
    const ownerReferences = wantedOwners(claim, owners)
    if (!ownerReferences) continue
    if (isOthers(claim, owners)) recorder.event(owners.set, 'Warning', 'ConflictingController', conflicting(claim))
    const updated = await client.update(persistentVolumeClaims, {
      ...claim,
      metadata: { ...claim.metadata, ownerReferences },
    })
    await informers.informer(persistentVolumeClaims).reached(updated.metadata.resourceVersion, signal)
    changed = true
  }
  return changed
}

/** Upstream's words, typing error included. */
const conflicting = ({ metadata }: PersistentVolumeClaim) =>
  `PersistentVolumeClaim ${metadata.name} has a conflicting OwnerReference that acts as a manging controller, the retention policy is ignored for this claim`

/** The owners a claim shall have; undefined if it has them, or if its owners are not ours to change. */
function wantedOwners(claim: PersistentVolumeClaim, { set, pod }: Owners): OwnerReference[] | undefined {
  const before = claim.metadata.ownerReferences ?? []
  // Of an earlier set or pod of this name: the garbage collector is about to deal with the claim.
  if (isStale(before, set, statefulSets) || isStale(before, pod, pods)) return undefined
  const ours = new Set([set.metadata.uid, pod.metadata.uid])
  const others = before.filter(owner => !ours.has(owner.uid))
  const mine = before.filter(owner => ours.has(owner.uid))
  if (isOthers(claim, { set, pod })) return mine.length > 0 ? others : undefined
  const wanted = wantedOwner({ set, pod })
  const isUpToDate = wanted
    ? mine.length === 1 && mine[0]?.controller === true && mine[0].uid === wanted.uid
    : mine.length === 0
  return isUpToDate ? undefined : [...others, ...(wanted ? [wanted] : [])]
}

const policyOf = ({ spec }: StatefulSet) => spec.persistentVolumeClaimRetentionPolicy ?? {}

function wantedOwner({ set, pod }: Owners): OwnerReference | undefined {
  const { whenDeleted, whenScaled } = policyOf(set)
  if (whenScaled === 'Delete' && !isInRange(set, ordinalOf(pod))) return controllerRef(pod, pods)
  return whenDeleted === 'Delete' ? controllerRef(set, statefulSets) : undefined
}

/** Someone else controls a claim that the policy would have us own (hasUnexpectedController). */
function isOthers(claim: PersistentVolumeClaim, { set, pod }: Owners): boolean {
  const { whenDeleted, whenScaled } = policyOf(set)
  if (whenDeleted !== 'Delete' && whenScaled !== 'Delete') return false
  const owners = claim.metadata.ownerReferences ?? []
  return owners.some(({ uid, controller }) => controller && uid !== set.metadata.uid && uid !== pod.metadata.uid)
}

/** Whether a claim is owned by an earlier object of this name (hasStaleOwnerRef). */
export function isStale(
  owners: readonly OwnerReference[] | undefined,
  { metadata }: Pick<KubeObject, 'metadata'> | { metadata: { name: string; uid?: string } },
  ref: ResourceRef,
): boolean {
  const owner = owners?.find(
    each => each.apiVersion === apiVersionOf(ref) && each.kind === ref.kind && each.name === metadata.name,
  )
  return owner !== undefined && owner.uid !== metadata.uid
}
