import type { PersistentVolumeClaim } from '../../../shared/api/core.ts'
import { storageClasses } from '../../../shared/api/storage.ts'
import { compareQuantities } from '../../../shared/machinery/quantity.ts'
import { forbidden } from '../../../shared/machinery/status.ts'
import { classOf } from '../../../shared/machinery/persistent-volumes.ts'
import type { Store } from '../../store/store.ts'
import { subjectOf } from '../registry/core.ts'
import { find } from '../registry/find.ts'
import { concerns, type AdmissionPlugin } from './admission.ts'

const fixed =
  'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize'

const sizeOf = ({ spec }: PersistentVolumeClaim) => spec.resources?.requests?.['storage'] ?? '0'

/** Only claims of classes that allow it grow (plugin/pkg/admission/storage/persistentvolume/resize). */
export function persistentVolumeClaimResize(store: Store): AdmissionPlugin {
  return {
    name: 'PersistentVolumeClaimResize',
    validate(request) {
      if (request.operation !== 'UPDATE' || !concerns(request, '', 'persistentvolumeclaims')) return undefined
      const [claim, old] = [request.object as PersistentVolumeClaim, request.old as PersistentVolumeClaim]
      if (compareQuantities(sizeOf(claim), sizeOf(old)) <= 0) return undefined
      // That the claim is bound has been checked: the spec of others is fixed.
      const name = classOf(claim)
      const same = name !== '' && name === classOf(old)
      const allowed = same && find(store, storageClasses, { namespace: '', name })?.allowVolumeExpansion
      return allowed ? undefined : forbidden(subjectOf(request.resource, request.name), fixed)
    },
  }
}
