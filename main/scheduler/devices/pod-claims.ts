import type { Pod } from '../../../shared/api/core.ts'
import type { ResourceClaim } from '../../../shared/api/resource.ts'
import type { Lister } from '../../../shared/client/informer.ts'
import { claimNameOf, isMadeFor } from '../../../shared/machinery/pod-resource-claims.ts'

/** The ResourceClaims of a pod. */
export interface PodResourceClaims {
  readonly allocated: ResourceClaim[]
  readonly pending: ResourceClaim[]
}

/** Finds a pod's ResourceClaims, or says which one is not there (foreachPodResourceClaim). */
export function claimsOfPod(pod: Pod, claims: Lister<ResourceClaim>): PodResourceClaims | string {
  const { namespace = '', name: podName } = pod.metadata
  const found: ResourceClaim[] = []
  for (const podClaim of pod.spec.resourceClaims ?? []) {
    const name = claimNameOf(pod, podClaim)
    if (name === undefined) return `pod "${namespace}/${podName}": ResourceClaim not created yet`
    if (name === null) continue
    const claim = claims.get({ namespace, name })
    if (!claim) return `could not find ResourceClaim "${namespace}/${name}"`
    if (claim.metadata.deletionTimestamp) return `resourceclaim "${name}" is being deleted`
    if (!podClaim.resourceClaimName && !isMadeFor(claim, pod)) {
      const names = `ResourceClaim ${namespace}/${name} was not created for Pod ${namespace}/${podName}`
      return `${names} (Pod is not owner)`
    }
    found.push(claim)
  }
  const { allocated = [], pending = [] } = Object.groupBy(found, ({ status }) =>
    status?.allocation ? 'allocated' : 'pending',
  )
  return { allocated, pending }
}

/** Whether a claim is one that the pod names, or that was made for it. */
export const isClaimOfPod = (claim: ResourceClaim, pod: Pod) =>
  isMadeFor(claim, pod) ||
  (claim.metadata.namespace === pod.metadata.namespace &&
    !!pod.spec.resourceClaims?.some(({ resourceClaimName }) => resourceClaimName === claim.metadata.name))
