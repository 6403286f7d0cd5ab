import { pods, type Pod } from '../../../shared/api/core.ts'
import type { ResourceClaim } from '../../../shared/api/resource.ts'
import type { Informers } from '../../../shared/client/informer.ts'
import { keyText } from '../../../shared/client/key.ts'
import { controllerOf } from '../../../shared/client/watches.ts'
import { isTerminal } from '../pod-state.ts'

export type PodClaim = NonNullable<Pod['spec']['resourceClaims']>[number]

/** Which claim of a pod's spec a generated ResourceClaim is for (resource/v1 PodResourceClaimAnnotation). */
export const podClaimName = 'resource.kubernetes.io/pod-claim-name'

/**
 * The ResourceClaim that one of a pod's claims means: `name` is undefined if it has none yet, null if it needs none
 * (dynamic-resource-allocation/resourceclaim Name).
 */
export function claimNameOf(pod: Pod, { name, resourceClaimName }: PodClaim): string | null | undefined {
  if (resourceClaimName !== undefined) return resourceClaimName
  const status = pod.status?.resourceClaimStatuses?.find(each => each.name === name)
  return status && (status.resourceClaimName ?? null)
}

/** The names of all ResourceClaims that a pod is known to use. */
export function claimNamesOf(pod: Pod): string[] {
  return (pod.spec.resourceClaims ?? []).flatMap(claim => claimNameOf(pod, claim) ?? [])
}

/** Whether a generated claim was made for this pod and not for an earlier one of its name. */
export function isFor(pod: Pod, claim: ResourceClaim): boolean {
  return controllerOf(claim)?.uid === pod.metadata.uid
}

/** It will never run again, or never ran. */
export function isDone(pod: Pod): boolean {
  return isTerminal(pod) || (pod.metadata.deletionTimestamp !== undefined && !pod.spec.nodeName)
}

/** The pods that use a ResourceClaim, by its `namespace/name`. */
export function podsUsing(claim: string, informers: Informers): Pod[] {
  const informer = informers.informer(pods)
  informer.index('resourceClaim', pod =>
    claimNamesOf(pod).map(name => keyText({ namespace: pod.metadata.namespace ?? '', name })),
  )
  return informer.by('resourceClaim', claim)
}

/** The pods that have claims made from a template, by its `namespace/name`. */
export function podsFrom(template: string, informers: Informers): Pod[] {
  const informer = informers.informer(pods)
  informer.index('resourceClaimTemplate', ({ metadata, spec }) =>
    (spec.resourceClaims ?? []).flatMap(({ resourceClaimTemplateName: name }) =>
      name === undefined ? [] : [keyText({ namespace: metadata.namespace ?? '', name })],
    ),
  )
  return informer.by('resourceClaimTemplate', template)
}
