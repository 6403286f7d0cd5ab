import { pods, type Pod } from '../../../shared/api/core.ts'
import { resourceClaims, type ResourceClaim } from '../../../shared/api/resource.ts'
import type { Controller, ControllerContext } from '../../../shared/client/controller.ts'
import { controllerOf, each, refersTo } from '../../../shared/client/watches.ts'
import { unlessGone } from '../../../shared/client/unless-gone.ts'
import { allocationFinalizer } from '../../../shared/machinery/pod-resource-claims.ts'
import { claimNamesOf, isDone } from './pod-claims.ts'

type Status = NonNullable<ResourceClaim['status']>
type Consumer = NonNullable<Status['reservedFor']>[number]

/**
 * Takes ResourceClaims back from pods that are done or gone; one without consumers loses its allocation, and goes if it was
 * made for a pod that is done (pkg/controller/resourceclaim syncClaim).
 */
export const releaseResourceClaimController: Controller = {
  name: 'resource-claim-release-controller',
  watches: [
    each(resourceClaims),
    {
      ref: pods,
      keys: ({ now, before }: { now?: Pod; before?: Pod }) => {
        const pod = now ?? before
        if (!pod || (now && !isDone(now))) return []
        return claimNamesOf(pod).map(name => ({ namespace: pod.metadata.namespace ?? '', name }))
      },
    },
  ],

  async reconcile(key, context) {
    const { client, informers } = context
    let claim = informers.informer(resourceClaims).get(key)
    if (!claim) return
    const before = claim.status?.reservedFor ?? []
    const uses = await Promise.all(before.map(consumer => isUsed(consumer, key.namespace, context)))
    const reservedFor = before.filter((_, i) => uses[i])
    const isProtected = claim.metadata.finalizers?.includes(allocationFinalizer) ?? false
    const isUnused = reservedFor.length === 0
    const released = reservedFor.length < before.length
    const isLeft = isProtected && isUnused && (released || claim.metadata.deletionTimestamp !== undefined)
    if (released || (isLeft && claim.status?.allocation)) {
      const { allocation, reservedFor: _, ...status } = claim.status ?? {}
      const kept: Status = {
        ...status,
        ...(!isUnused && { reservedFor }),
        ...(allocation && !isLeft && { allocation }),
      }
      claim = await client.update(resourceClaims, { ...claim, status: kept }, 'status')
    }
    if (isLeft) {
      const finalizers = claim.metadata.finalizers?.filter(each => each !== allocationFinalizer) ?? []
      claim = await client.update(resourceClaims, { ...claim, metadata: { ...claim.metadata, finalizers } })
    }
    if (!isUnused || !isOfDonePod(claim, context)) return
    await unlessGone(client.delete(resourceClaims, key, { preconditions: { uid: claim.metadata.uid } }))
  },
}

/** Whether a consumer still needs the claim. Who is not a pod is not ours to judge. */
async function isUsed(consumer: Consumer, namespace: string, { client, informers }: ControllerContext) {
  if (consumer.apiGroup || consumer.resource !== 'pods') return true
  const key = { namespace, name: consumer.name }
  // The informer may not have seen yet a pod that the scheduler has: only the server knows that there is none.
  const pod = informers.informer(pods).get(key) ?? (await unlessGone(client.get(pods, key)))
  return pod?.metadata.uid === consumer.uid && !isDone(pod)
}

/** Pods that are gone leave their claims to the garbage collector. */
function isOfDonePod({ metadata }: ResourceClaim, { informers }: ControllerContext): boolean {
  const owner = controllerOf({ metadata })
  if (!owner || !refersTo(owner, pods) || metadata.deletionTimestamp) return false
  const pod = informers.informer(pods).get({ namespace: metadata.namespace ?? '', name: owner.name })
  return pod !== undefined && (pod.metadata.uid !== owner.uid || isDone(pod))
}
