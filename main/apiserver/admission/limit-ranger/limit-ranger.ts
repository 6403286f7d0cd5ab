import { limitRanges, type LimitRange, type PersistentVolumeClaim, type Pod } from '../../../../shared/api/core.ts'
import { forbidden } from '../../../../shared/machinery/status.ts'
import type { Store } from '../../../store/store.ts'
import { subjectOf } from '../../registry/core.ts'
import { prefixOf } from '../../registry/key.ts'
import type { AdmissionPlugin, AdmissionRequest } from '../admission.ts'
import { claimViolations, podViolations } from './constraints.ts'
import { setDefaults } from './defaults.ts'

/** Fills in what containers ask for, and refuses what is too little or too much, by the LimitRanges of the namespace (plugin/pkg/admission/limitranger). */
export function limitRanger(store: Store): AdmissionPlugin {
  return {
    name: 'LimitRanger',
    mutate(request) {
      if (!isLimited(request) || request.resource.ref.kind !== 'Pod' || nothing(store, request)) return undefined
      return limitsOf(store, request).then(all => {
        for (const limits of all) setDefaults(request.object as Pod, limits)
        return undefined
      })
    },
    validate(request) {
      if (!isLimited(request) || nothing(store, request)) return undefined
      return limitsOf(store, request).then(all => {
        for (const limits of all) {
          const why = [...new Set(violations(request, limits))]
          if (why.length > 0) {
            const text = why.length === 1 ? (why[0] ?? '') : `[${why.join(', ')}]`
            return forbidden(subjectOf(request.resource, request.name), text)
          }
        }
        return undefined
      })
    },
  }
}

/** New pods and claims, changed claims, resized pods. What is going is let go. */
function isLimited({ operation, resource: { ref }, subresource, object, old }: AdmissionRequest): boolean {
  if (!object || ref.group !== '' || old?.metadata.deletionTimestamp !== undefined) return false
  if (operation === 'CREATE') return subresource === '' && ['Pod', 'PersistentVolumeClaim'].includes(ref.kind)
  if (operation !== 'UPDATE') return false
  return ref.kind === 'Pod' ? subresource === 'resize' : subresource === '' && ref.kind === 'PersistentVolumeClaim'
}

const nothing = (store: Store, { namespace }: AdmissionRequest) => store.count(prefixOf(limitRanges, namespace)) === 0

async function limitsOf(store: Store, { namespace }: AdmissionRequest): Promise<LimitRange['spec']['limits'][]> {
  const { entries } = await store.list(prefixOf(limitRanges, namespace))
  return entries.map(({ object }) => (object as LimitRange).spec.limits)
}

function violations({ object, resource }: AdmissionRequest, limits: LimitRange['spec']['limits']): string[] {
  return resource.ref.kind === 'Pod'
    ? podViolations(object as Pod, limits)
    : claimViolations(object as PersistentVolumeClaim, limits)
}
