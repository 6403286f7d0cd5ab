import { groupResourceOf } from '../../../shared/api/ref.ts'
import type { AdmissionPlugin } from './admission.ts'

const finalizers: Partial<Record<string, string>> = {
  persistentvolumes: 'kubernetes.io/pv-protection',
  persistentvolumeclaims: 'kubernetes.io/pvc-protection',
  'volumeattributesclasses.storage.k8s.io': 'kubernetes.io/vac-protection',
}

/**
 * Keeps volumes, claims and their classes while something uses them: the finalizer is taken away by a controller
 * (plugin/pkg/admission/storage/storageobjectinuseprotection).
 */
export const storageObjectInUseProtection: AdmissionPlugin = {
  name: 'StorageObjectInUseProtection',
  mutate({ operation, resource, subresource, object }) {
    const finalizer = finalizers[groupResourceOf(resource.ref)]
    if (operation !== 'CREATE' || subresource !== '' || finalizer === undefined || !object) return undefined
    const given = object.metadata.finalizers ?? []
    if (!given.includes(finalizer)) object.metadata.finalizers = [...given, finalizer]
    return undefined
  },
}
