import type { PersistentVolume, PersistentVolumeClaim } from '../../shared/api/core.ts'
import type { StorageClass } from '../../shared/api/storage.ts'
import { claimsOf, type PodInfo } from './pod-info.ts'
import type { Cluster } from './plugin.ts'

const betaClass = 'volume.beta.kubernetes.io/storage-class'

/** The class of a claim or a volume; '' for none. */
export const classNameOf = ({ metadata, spec }: PersistentVolume | PersistentVolumeClaim) =>
  metadata.annotations?.[betaClass] ?? spec.storageClassName ?? ''

export const claimKey = ({ metadata }: PersistentVolumeClaim) => `${metadata.namespace ?? ''}/${metadata.name}`

/** The volume controller has finished binding the claim. */
export const isBound = ({ metadata, spec }: PersistentVolumeClaim) =>
  !!spec.volumeName && metadata.annotations?.['pv.kubernetes.io/bind-completed'] !== undefined

/** Whether the volume is meant for this claim, by its user or by a controller. */
export function isFor({ spec }: PersistentVolume, { metadata }: PersistentVolumeClaim): boolean {
  const ref = spec.claimRef
  return ref?.name === metadata.name && ref.namespace === metadata.namespace && (!ref.uid || ref.uid === metadata.uid)
}

/** Binding waits until a pod has chosen a node. */
export const waitsForConsumer = (storageClass: StorageClass | undefined) =>
  storageClass?.volumeBindingMode === 'WaitForFirstConsumer'

export const classOf = (claim: PersistentVolumeClaim, { listers }: Cluster) =>
  listers.storageClasses.get({ namespace: '', name: classNameOf(claim) })

/** The claims of a pod that exist. */
export const existingClaims = ({ pod, namespace }: PodInfo, { listers }: Cluster) =>
  claimsOf(pod).flatMap(({ name }) => listers.claims.get({ namespace, name }) ?? [])

/** The pod's claims that may be used by one pod alone. */
export const exclusiveClaims = (pod: PodInfo, cluster: Cluster) =>
  existingClaims(pod, cluster)
    .filter(({ spec }) => spec.accessModes?.includes('ReadWriteOncePod'))
    .map(claimKey)

/** Whether a change is about a claim of the pod. */
export const isClaimOf = (claim: PersistentVolumeClaim, pod: PodInfo) => pod.claims.includes(claimKey(claim))
