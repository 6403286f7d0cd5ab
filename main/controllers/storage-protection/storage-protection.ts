import {
  persistentVolumeClaims,
  persistentVolumes,
  pods,
  type PersistentVolume,
  type PersistentVolumeClaim,
  type Pod,
} from '../../../shared/api/core.ts'
import type { ObjectKey } from '../../../shared/api/object.ts'
import { volumeAttributesClasses } from '../../../shared/api/storage.ts'
import type { Controller } from '../../../shared/client/controller.ts'
import { keyOf, keyText } from '../../../shared/client/key.ts'
import { controllerOf, mapped } from '../../../shared/client/watches.ts'
import { ephemeralClaimName } from '../../../shared/machinery/persistent-volumes.ts'
import { claimNames } from '../persistent-volume/lookups.ts'
import { protect } from './protect.ts'

const byClaim = 'podsByClaim'

/** Keeps claims until the last pod on a node that uses them is gone (pkg/controller/volume/pvcprotection). */
export const claimProtectionController: Controller = protect({
  name: 'pvc-protection-controller',
  ref: persistentVolumeClaims,
  finalizer: 'kubernetes.io/pvc-protection',
  users: [mapped(pods, claimsOf)],
  async isUsed(claim, { client, informers }) {
    const informer = informers.informer(pods)
    informer.index(byClaim, pod => claimsOf(pod).map(keyText))
    if (informer.by(byClaim, keyText(keyOf(claim))).some(pod => uses(pod, claim))) return true
    // A pod that has just been made may not be known yet, and what is let go does not come back.
    const { items } = await client.list(pods, { namespace: claim.metadata.namespace ?? '' })
    return items.some(pod => uses(pod, claim))
  },
})

function claimsOf(pod: Pod): ObjectKey[] {
  return claimNames(pod).map(name => ({ namespace: pod.metadata.namespace ?? '', name }))
}

/** A pod without a node does not count: its kubelet will not start it with a claim that is going. */
function uses(pod: Pod, { metadata }: PersistentVolumeClaim): boolean {
  if (!pod.spec.nodeName) return false
  const { deletionTimestamp, deletionGracePeriodSeconds } = pod.metadata
  const isShutDown = deletionTimestamp !== undefined && deletionGracePeriodSeconds === 0
  return (pod.spec.volumes ?? []).some(volume => {
    if (volume.persistentVolumeClaim?.claimName === metadata.name) return true
    const isOwn = volume.ephemeral && ephemeralClaimName(pod, volume) === metadata.name
    return isOwn && !isShutDown && controllerOf({ metadata })?.uid === pod.metadata.uid
  })
}

/** Keeps volumes while they are bound (pkg/controller/volume/pvprotection). */
export const volumeProtectionController: Controller = protect({
  name: 'pv-protection-controller',
  ref: persistentVolumes,
  finalizer: 'kubernetes.io/pv-protection',
  users: [],
  isUsed: volume => volume.status?.phase === 'Bound',
})

/** Keeps classes while a volume or a claim has them or shall have them (pkg/controller/volume/vacprotection). */
export const attributesClassProtectionController: Controller = protect({
  name: 'volumeattributesclass-protection-controller',
  ref: volumeAttributesClasses,
  finalizer: 'kubernetes.io/vac-protection',
  users: [
    mapped(persistentVolumeClaims, claim => classesOfClaim(claim).map(clusterKey)),
    mapped(persistentVolumes, volume => classesOfVolume(volume).map(clusterKey)),
  ],
  isUsed: ({ metadata: { name } }, { informers }) =>
    informers
      .informer(persistentVolumes)
      .list()
      .some(volume => classesOfVolume(volume).includes(name)) ||
    informers
      .informer(persistentVolumeClaims)
      .list()
      .some(claim => classesOfClaim(claim).includes(name)),
})

const clusterKey = (name: string): ObjectKey => ({ namespace: '', name })

const classesOfVolume = ({ spec }: PersistentVolume): string[] => named([spec.volumeAttributesClassName])

function classesOfClaim({ spec, status }: PersistentVolumeClaim): string[] {
  const target = status?.modifyVolumeStatus?.targetVolumeAttributesClassName
  return named([spec.volumeAttributesClassName, status?.currentVolumeAttributesClassName, target])
}

const named = (names: (string | undefined)[]) => names.flatMap(name => name || [])
