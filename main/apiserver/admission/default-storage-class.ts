import type { PersistentVolumeClaim } from '../../../shared/api/core.ts'
import { classAnnotation } from '../../../shared/machinery/persistent-volumes.ts'
import { concerns, type AdmissionPlugin } from './admission.ts'
import type { DefaultClasses } from './default-classes.ts'

/** Gives claims that name no class the default one (plugin/pkg/admission/storage/storageclass/setdefault). */
export function defaultStorageClass(classes: Pick<DefaultClasses, 'storage'>): AdmissionPlugin {
  return {
    name: 'DefaultStorageClass',
    async mutate(request) {
      if (request.operation !== 'CREATE' || !concerns(request, '', 'persistentvolumeclaims') || !request.object)
        return undefined
      const { metadata, spec } = request.object as PersistentVolumeClaim
      // '' is a choice: no class at all.
      if (spec.storageClassName !== undefined || metadata.annotations?.[classAnnotation] !== undefined) return undefined
      const [chosen] = await classes.storage.all()
      if (chosen) spec.storageClassName = chosen.metadata.name
      return undefined
    },
  }
}
