import { pods, type Pod } from '../../../shared/api/core.ts'
import type { Informers } from '../../../shared/client/informer.ts'
import { keyText } from '../../../shared/client/key.ts'
import { claimNameOf } from '../../../shared/machinery/pod-resource-claims.ts'
import { isTerminal } from '../pod-state.ts'

/** The names of all ResourceClaims that a pod is known to use. */
export function claimNamesOf(pod: Pod): string[] {
  return (pod.spec.resourceClaims ?? []).flatMap(claim => claimNameOf(pod, claim) ?? [])
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
