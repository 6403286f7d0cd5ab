import type { KubeObject } from '../../../shared/api/object.ts'

/** Where the class of a volume or claim stood before `spec.storageClassName` did. */
export const classAnnotation = 'volume.beta.kubernetes.io/storage-class'

/** The storage class of a volume or claim, '' for none (helper.GetPersistentVolumeClass, GetPersistentVolumeClaimClass). */
export function classOf({ metadata, spec }: KubeObject & { spec: { storageClassName?: string } }): string {
  return metadata.annotations?.[classAnnotation] ?? spec.storageClassName ?? ''
}
