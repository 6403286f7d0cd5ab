import type { PersistentVolume, PersistentVolumeClaim } from '../../../shared/api/core.ts'
import { claimSpecWarnings } from './fractions.ts'
import { termWarnings } from './node-labels.ts'
import { oldSourceWarnings } from './volumes.ts'

const oldClass = 'volume.beta.kubernetes.io/storage-class'
const oldOptions = 'volume.beta.kubernetes.io/mount-options'
const useClass = `metadata.annotations[${oldClass}]: deprecated since v1.8; use "storageClassName" attribute instead`
const useOptions = `metadata.annotations[${oldOptions}]: deprecated since v1.31; use "mountOptions" attribute instead`
const recycles =
  'The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.'

/** pkg/api/persistentvolume GetWarningsForPersistentVolume. */
export function persistentVolumeWarnings({ metadata, spec }: PersistentVolume): string[] {
  const { annotations = {} } = metadata
  const terms = spec.nodeAffinity?.required?.nodeSelectorTerms ?? []
  return [
    ...(oldClass in annotations ? [useClass] : []),
    ...(oldOptions in annotations ? [useOptions] : []),
    ...(spec.persistentVolumeReclaimPolicy === 'Recycle' ? [`spec.persistentVolumeReclaimPolicy: ${recycles}`] : []),
    ...terms.flatMap((term, i) => termWarnings(term, `spec.nodeAffinity.required.nodeSelectorTerms[${i}]`)),
    ...oldSourceWarnings('spec', spec, ['cephfs', 'photonPersistentDisk', 'scaleIO', 'storageos', 'glusterfs', 'rbd']),
  ]
}

/** pkg/api/persistentvolumeclaim GetWarningsForPersistentVolumeClaim. */
export function claimWarnings({ metadata, spec }: PersistentVolumeClaim): string[] {
  return [...(oldClass in (metadata.annotations ?? {}) ? [useClass] : []), ...claimSpecWarnings('spec', spec)]
}
