import type { Node } from '../../../shared/api/core.ts'
import { resourceClaims, type ResourceClaim } from '../../../shared/api/resource.ts'
import type { Client } from '../../../shared/client/client.ts'
import type { Informers } from '../../../shared/client/informer.ts'
import { keyOf } from '../../../shared/client/key.ts'
import { toTime, type Clock } from '../../../shared/machinery/clock.ts'
import { allocationFinalizer } from '../../../shared/machinery/pod-resource-claims.ts'
import type { PodInfo } from '../pod-info.ts'
import type { Cluster } from '../plugin.ts'
import type { Reserved } from '../reserved.ts'
import { AllocationFault } from './device-selector.ts'
import { planDevices } from './plan-devices.ts'
import { claimsOfPod } from './pod-claims.ts'
import type { Allocation } from './requests.ts'

interface Dependencies {
  client: Client
  informers: Informers
  clock: Clock
}

/** Allocates a pod's claims on its node and reserves them for it (dynamicresources Reserve, PreBind). */
export function createClaimBinder({ client, informers, clock }: Dependencies) {
  const claims = informers.informer(resourceClaims)

  async function write(claim: ResourceClaim, { pod, uid }: PodInfo, allocation: Allocation | undefined) {
    const reservedFor = claim.status?.reservedFor ?? []
    if (!allocation && reservedFor.some(consumer => consumer.uid === uid)) return claim
    const { finalizers = [] } = claim.metadata
    const isKept = !allocation || finalizers.includes(allocationFinalizer)
    const kept = isKept
      ? claim
      : await client.update(resourceClaims, {
          ...claim,
          metadata: { ...claim.metadata, finalizers: [...finalizers, allocationFinalizer] },
        })
    const status = {
      ...kept.status,
      ...(allocation && { allocation: { ...allocation, allocationTimestamp: toTime(clock.now()) } }),
      reservedFor: [...reservedFor, { resource: 'pods', name: pod.metadata.name, uid }],
    }
    return client.update(resourceClaims, { ...kept, status }, 'status')
  }

  return {
    /** Undefined if the pod has no claims. */
    reserve(pod: PodInfo, node: Node, cluster: Cluster): Reserved | undefined {
      if ((pod.pod.spec.resourceClaims ?? []).length === 0) return undefined
      const found = claimsOfPod(pod.pod, cluster.listers.resourceClaims)
      if (typeof found === 'string') return undefined
      const { allocated, pending } = found
      const planned = planDevices(pending, cluster)(node)
      if (!planned || planned instanceof AllocationFault) return undefined
      const { devices } = cluster.reservations
      for (const [i, claim] of pending.entries()) devices.set(claim.metadata.uid, planned[i] ?? {})
      return {
        async bind(signal) {
          for (const [i, claim] of [...pending, ...allocated].entries()) {
            const latest = claims.get(keyOf(claim)) ?? claim
            const { metadata } = await write(latest, pod, planned[i])
            await claims.reached(metadata.resourceVersion, signal)
          }
        },
        [Symbol.dispose]() {
          for (const { metadata } of pending) devices.delete(metadata.uid)
        },
      }
    },
  }
}
