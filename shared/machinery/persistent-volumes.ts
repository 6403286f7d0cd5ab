import type { PersistentVolume, PersistentVolumeClaim } from '../api/core.ts'
import type { KubeObject } from '../api/object.ts'

/** Annotations by which binder, scheduler and provisioners agree (component-helpers storage/volume pv_helpers.go). */
export const bindCompleted = 'pv.kubernetes.io/bind-completed'
export const boundByController = 'pv.kubernetes.io/bound-by-controller'
export const provisionedBy = 'pv.kubernetes.io/provisioned-by'
export const selectedNode = 'volume.kubernetes.io/selected-node'
export const storageProvisioner = 'volume.kubernetes.io/storage-provisioner'
export const betaStorageProvisioner = 'volume.beta.kubernetes.io/storage-provisioner'

/** Where the class of a volume or claim stood before `spec.storageClassName` did. */
export const classAnnotation = 'volume.beta.kubernetes.io/storage-class'

/** The storage class of a volume or claim, '' for none (helper.GetPersistentVolumeClass, GetPersistentVolumeClaimClass). */
export function classOf({ metadata, spec }: KubeObject & { spec: { storageClassName?: string } }): string {
  return metadata.annotations?.[classAnnotation] ?? spec.storageClassName ?? ''
}

/** Whether a claim says which class it wants; '' is a choice, too: no class at all (PersistentVolumeClaimHasClass). */
export function hasClass({ metadata, spec }: PersistentVolumeClaim): boolean {
  return metadata.annotations?.[classAnnotation] !== undefined || spec.storageClassName !== undefined
}

/** Whether a volume is reserved for or bound to this very claim (IsVolumeBoundToClaim). */
export function isVolumeOf({ spec }: PersistentVolume, { metadata }: PersistentVolumeClaim): boolean {
  const ref = spec.claimRef
  return ref?.name === metadata.name && ref.namespace === metadata.namespace && (!ref.uid || ref.uid === metadata.uid)
}

/** What a claim asks for and what a volume has, as quantities. */
export const requestOf = ({ spec }: PersistentVolumeClaim): string => spec.resources?.requests?.['storage'] ?? '0'
export const capacityOf = ({ spec }: PersistentVolume): string => spec.capacity?.['storage'] ?? '0'

/** The claim that is made for an ephemeral volume of a pod (component-helpers storage/ephemeral). */
export const ephemeralClaimName = (pod: KubeObject, volume: { name: string }): string =>
  `${pod.metadata.name}-${volume.name}`
