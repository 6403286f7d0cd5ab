import { mostConsumers } from '../../../shared/machinery/pod-resource-claims.ts'
import { AllocationFault } from '../devices/device-selector.ts'
import { alternativesOf } from '../devices/requests.ts'
import { claimsOfPod, isClaimOfPod, type PodResourceClaims } from '../devices/pod-claims.ts'
import { planDevices } from '../devices/plan-devices.ts'
import type { PodInfo } from '../pod-info.ts'
import { matchesTerms } from '../../../shared/machinery/node-selector.ts'
import { none, unresolvable, type Cluster, type Judge, type Plugin, type Refusal } from '../plugin.ts'

const elsewhere = unresolvable('resourceclaim not available on the node')
const unmet = unresolvable('cannot allocate all claims')

/** The pod's ResourceClaims can be had on the node: where they are allocated, or by free devices (dynamicresources/dynamicresources.go). */
export const dynamicResources: Plugin = {
  name: 'DynamicResources',
  filter(pod, cluster) {
    if ((pod.pod.spec.resourceClaims ?? []).length === 0) return undefined
    const found = claimsOfPod(pod.pod, cluster.listers.resourceClaims)
    if (typeof found === 'string') return refusal(found)
    const wrong = faultOf(pod, found, cluster)
    return wrong === undefined ? judge(found, cluster) : refusal(wrong)
  },
  helps(change, { pod }) {
    if ((pod.spec.resourceClaims ?? []).length === 0) return false
    // Devices that another claim gives back are free for this pod's.
    if (change.of === 'resourceClaim') return change.freesDevices || isClaimOfPod(change.after, pod)
    if (change.of === 'node') return !change.before || change.parts.has('labels')
    return change.of === 'devices'
  },
}

const refusal = (message: string): Refusal => ({ refusal: { message, unresolvable: true } })

/** What keeps the pod waiting whatever the node. */
function faultOf({ uid }: PodInfo, { allocated, pending }: PodResourceClaims, cluster: Cluster): string | undefined {
  const isFull = allocated.some(({ status }) => {
    const consumers = status?.reservedFor ?? []
    return consumers.length >= mostConsumers && !consumers.some(consumer => consumer.uid === uid)
  })
  if (isFull) return 'resourceclaim in use'
  for (const { metadata, spec } of pending) {
    if (cluster.reservations.devices.has(metadata.uid)) {
      return `resource claim ${metadata.namespace ?? ''}/${metadata.name} is in the process of being allocated`
    }
    for (const { name, deviceClassName } of (spec.devices?.requests ?? []).flatMap(alternativesOf)) {
      if (cluster.listers.deviceClasses.get({ namespace: '', name: deviceClassName })) continue
      return `request ${name}: device class ${deviceClassName} does not exist`
    }
  }
  return undefined
}

function judge({ allocated, pending }: PodResourceClaims, cluster: Cluster): Judge {
  const places = allocated.flatMap(({ status }) => status?.allocation?.nodeSelector?.nodeSelectorTerms ?? [])
  const plan = planDevices(pending, cluster)
  return {
    reasons({ node }) {
      if (places.some(term => !matchesTerms([term], node))) return elsewhere
      const planned = plan(node)
      if (planned === undefined) return unmet
      return planned instanceof AllocationFault ? unresolvable(planned.message) : none
    },
  }
}
