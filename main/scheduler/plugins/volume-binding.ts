import type { PersistentVolume, PersistentVolumeClaim } from '../../../shared/api/core.ts'
import type { Reason } from '../../../shared/machinery/scheduling-decision.ts'
import { classOf, isBound, isClaimOf, waitsForConsumer } from '../claims.ts'
import { claimsOf, type PodInfo } from '../pod-info.ts'
import { none, type Cluster, type Judge, type Plugin, type Refusal } from '../plugin.ts'
import { isReachable, planVolumes } from '../volume-plan.ts'

/** Claims of the pod that are bound, and those that its node will be chosen for. */
export interface PodClaims {
  readonly bound: PersistentVolumeClaim[]
  readonly delayed: PersistentVolumeClaim[]
}

/** The node can reach the volumes that are bound, and there is or can be one for each claim that is not (volumebinding/volume_binding.go). */
export const volumeBinding: Plugin = {
  name: 'VolumeBinding',
  filter(pod, cluster) {
    if (pod.claims.length === 0) return undefined
    const claims = podClaims(pod, cluster)
    return 'refusal' in claims ? claims : judge(claims, cluster)
  },
  helps(change, pod) {
    if (change.of === 'claim') return isClaimOf(change.after, pod)
    if (change.of === 'node') return change.parts.has('labels')
    return change.of !== 'pod' && change.of !== 'nodeGone'
  },
}

/** Sorts a pod's claims; refuses the pod over one that is missing, lost, or should be bound by now. */
export function podClaims({ pod, namespace }: PodInfo, cluster: Cluster): PodClaims | Refusal {
  const bound: PersistentVolumeClaim[] = []
  const delayed: PersistentVolumeClaim[] = []
  let waitsForBinder = false
  for (const { name, isEphemeral } of claimsOf(pod)) {
    const claim = cluster.listers.claims.get({ namespace, name })
    if (!claim) {
      if (!isEphemeral) return refusal(`persistentvolumeclaim "${name}" not found`)
      return refusal(`waiting for ephemeral volume controller to create the persistentvolumeclaim "${name}"`)
    }
    const { metadata, spec, status } = claim
    if (status?.phase === 'Lost') {
      const volume = spec.volumeName ?? ''
      return refusal(`persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${volume}"`)
    }
    if (metadata.deletionTimestamp) return refusal(`persistentvolumeclaim "${name}" is being deleted`)
    if (isEphemeral && !metadata.ownerReferences?.some(owner => owner.controller && owner.uid === pod.metadata.uid)) {
      const podName = `${namespace}/${pod.metadata.name}`
      return refusal(`PVC ${namespace}/${name} was not created for pod ${podName} (pod is not owner)`)
    }
    if (isBound(claim)) bound.push(claim)
    else if (!spec.volumeName && waitsForConsumer(classOf(claim, cluster))) delayed.push(claim)
    else waitsForBinder = true
  }
  return waitsForBinder ? refusal('pod has unbound immediate PersistentVolumeClaims') : { bound, delayed }
}

const refusal = (message: string): Refusal => ({ refusal: { message, unresolvable: true } })

function judge({ bound, delayed }: PodClaims, cluster: Cluster): Judge {
  const volumes = bound.map(({ spec }) => cluster.listers.volumes.get({ namespace: '', name: spec.volumeName ?? '' }))
  const there = volumes.filter(volume => volume !== undefined)
  const lost: Reason[] =
    there.length === volumes.length
      ? []
      : [{ message: 'node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)', unresolvable: true }]
  return {
    reasons({ node }) {
      const far = there.find(volume => !isReachable(volume, node))
      const plan = delayed.length === 0 ? undefined : planVolumes(delayed, node, cluster)
      const unmet = plan && 'message' in plan ? [plan] : []
      if (!far && lost.length + unmet.length === 0) return none
      return [...(far ? [conflict(far)] : []), ...unmet, ...lost]
    },
  }
}

const conflict = ({ metadata }: PersistentVolume): Reason => ({
  message: "node(s) didn't match PersistentVolume's node affinity",
  unresolvable: true,
  fix: { change: 'volume', name: metadata.name },
})
