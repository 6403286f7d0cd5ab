import type { Volume } from '../../../shared/api/core.ts'
import { exclusiveClaims, isClaimOf } from '../claims.ts'
import { claimsOf, podInfoOf, type PodInfo } from '../pod-info.ts'
import { none, resolvable, type Plugin } from '../plugin.ts'

const inUse = resolvable(
  'node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod',
)
const noDisk = resolvable('node(s) had no available disk')

/** Claims and disks that one pod, or one writer, can use at a time (volumerestrictions/volume_restrictions.go). */
export const volumeRestrictions: Plugin = {
  name: 'VolumeRestrictions',
  filter(pod, cluster) {
    const missing = claimsOf(pod.pod).find(
      ({ name, isEphemeral }) => !isEphemeral && !cluster.listers.claims.get({ namespace: pod.namespace, name }),
    )
    if (missing) {
      return { refusal: { message: `persistentvolumeclaim "${missing.name}" not found`, unresolvable: true } }
    }
    const exclusive = new Set(exclusiveClaims(pod, cluster))
    const disks = disksOf(pod)
    if (exclusive.size + disks.length === 0) return undefined
    const shared = (other: PodInfo) => other.claims.filter(claim => exclusive.has(claim)).length
    let users = [...exclusive].reduce((sum, claim) => sum + cluster.infos.claimUsers(claim), 0)
    return {
      count(other, _, sign) {
        users += sign * shared(other)
      },
      reasons({ pods }) {
        if (disks.length > 0 && pods.values().some(other => conflicts(disks, disksOf(other)))) return noDisk
        return users > 0 ? inUse : none
      },
    }
  },
  helps(change, pod) {
    if (change.of === 'claim') return isClaimOf(change.after, pod)
    if (change.of === 'node') return !change.before
    if (change.of !== 'pod' || change.after || !change.before) return false
    const gone = podInfoOf(change.before)
    return gone.claims.some(claim => pod.claims.includes(claim)) || conflicts(disksOf(pod), disksOf(gone))
  },
}

interface Disk {
  readonly is: string
  /** Where the same disk may be known by several addresses. */
  readonly at?: readonly string[]
  readonly readOnly: boolean
}

const disksOf = ({ pod }: PodInfo): Disk[] => (pod.spec.volumes ?? []).flatMap(diskOf)

function diskOf({ gcePersistentDisk: gce, awsElasticBlockStore: ebs, iscsi, rbd }: Volume): Disk[] {
  if (gce) return [{ is: `gce ${gce.pdName}`, readOnly: gce.readOnly ?? false }]
  if (ebs) return [{ is: `ebs ${ebs.volumeID}`, readOnly: false }]
  if (iscsi) return [{ is: `iscsi ${iscsi.iqn}`, readOnly: iscsi.readOnly ?? false }]
  if (!rbd) return []
  return [{ is: `rbd ${rbd.pool ?? ''} ${rbd.image}`, at: rbd.monitors, readOnly: rbd.readOnly ?? false }]
}

/** The same disk twice, unless both only read. */
const conflicts = (a: readonly Disk[], b: readonly Disk[]) =>
  a.some(one =>
    b.some(
      other =>
        one.is === other.is &&
        !(one.readOnly && other.readOnly) &&
        (!one.at || !other.at || one.at.some(address => other.at?.includes(address))),
    ),
  )
