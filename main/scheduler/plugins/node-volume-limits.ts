import type { PersistentVolumeClaim } from '../../../shared/api/core.ts'
import { claimKey, classOf, existingClaims, isClaimOf } from '../claims.ts'
import { podInfoOf, type PodInfo } from '../pod-info.ts'
import { none, resolvable, type Cluster, type Plugin } from '../plugin.ts'

const full = resolvable('node(s) exceed max volume count')

/** A CSI driver attaches so many volumes to a node, as its CSINode says (nodevolumelimits/csi.go). */
export const nodeVolumeLimits: Plugin = {
  name: 'NodeVolumeLimits',
  filter(pod, cluster) {
    const wanted = csiVolumes(pod, cluster)
    if (wanted.size === 0) return undefined
    return {
      reasons({ node, pods }) {
        const limits = limitsOf(node.metadata.name, cluster)
        if (limits.size === 0) return none
        const used = new Map(pods.values().flatMap(other => csiVolumes(other, cluster)))
        const attached = new Map([...attachedTo(node.metadata.name, cluster), ...used])
        // What is attached and used by no pod is on its way off the node: who wants it back may have to attach it again.
        const added = [...wanted].filter(([id]) => !used.has(id)).map(([, driver]) => driver)
        const all = Map.groupBy([...attached.values(), ...added], driver => driver)
        return added.some(driver => (all.get(driver)?.length ?? 0) > (limits.get(driver) ?? Infinity)) ? full : none
      },
    }
  },
  helps(change, pod) {
    if (change.of === 'claim') return isClaimOf(change.after, pod)
    if (change.of === 'node') return !change.before
    if (change.of === 'pod') return !change.after && !!change.before && podInfoOf(change.before).claims.length > 0
    return change.of === 'csiNode' || change.of === 'volume'
  },
}

/** The volumes of a driver, as `id -> driver`. */
function csiVolumes(pod: PodInfo, cluster: Cluster): Map<string, string> {
  if (pod.claims.length === 0) return new Map()
  return new Map(existingClaims(pod, cluster).flatMap(claim => csiVolume(claim, cluster)))
}

function csiVolume(claim: PersistentVolumeClaim, cluster: Cluster): [string, string][] {
  const name = claim.spec.volumeName
  if (!name) {
    // It will be a new volume of the class's driver.
    const driver = classOf(claim, cluster)?.provisioner
    return driver ? [[`${driver}/${claimKey(claim)}`, driver]] : []
  }
  const csi = cluster.listers.volumes.get({ namespace: '', name })?.spec.csi
  return csi ? [[`${csi.driver}/${csi.volumeHandle}`, csi.driver]] : []
}

function limitsOf(node: string, { listers }: Cluster): Map<string, number> {
  const drivers = listers.csiNodes.get({ namespace: '', name: node })?.spec.drivers ?? []
  return new Map(
    drivers.flatMap(({ name, allocatable }) =>
      allocatable?.count === undefined ? [] : [[name, allocatable.count] as const],
    ),
  )
}

function attachedTo(node: string, { listers }: Cluster): [string, string][] {
  return listers.attachments
    .list()
    .filter(({ spec }) => spec.nodeName === node)
    .flatMap(({ spec }): [string, string][] => {
      const name = spec.source.persistentVolumeName
      const csi = name ? listers.volumes.get({ namespace: '', name })?.spec.csi : undefined
      return csi ? [[`${csi.driver}/${csi.volumeHandle}`, csi.driver]] : []
    })
}
