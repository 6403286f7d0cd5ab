import type { Pod } from '../api/core.ts'
import type { ResourceClaim } from '../api/resource.ts'

export type PodResourceClaim = NonNullable<Pod['spec']['resourceClaims']>[number]

/** How many pods one ResourceClaim serves at most (resource/v1 ResourceClaimReservedForMaxSize). */
export const mostConsumers = 256

/** Keeps an allocated claim until its devices are given back (resource/v1 Finalizer). */
export const allocationFinalizer = 'resource.kubernetes.io/delete-protection'

/**
 * The ResourceClaim that one of a pod's claims means: `name` is undefined if it has none yet, null if it needs none
 * (dynamic-resource-allocation/resourceclaim Name).
 */
export function claimNameOf(pod: Pod, { name, resourceClaimName }: PodResourceClaim): string | null | undefined {
  if (resourceClaimName !== undefined) return resourceClaimName
  const generated = pod.status?.resourceClaimStatuses?.find(each => each.name === name)
  return generated && (generated.resourceClaimName ?? null)
}

/** Whether a claim was made from a template for this pod, and not for an earlier one of its name (resourceclaim IsForPod). */
export function isMadeFor({ metadata }: ResourceClaim, pod: Pod): boolean {
  return metadata.ownerReferences?.find(({ controller }) => controller)?.uid === pod.metadata.uid
}
