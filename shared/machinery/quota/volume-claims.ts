import { persistentVolumeClaims, type PersistentVolumeClaim } from '../../api/core.ts'
import { compareQuantities, formatQuantity, quantityValue } from '../quantity.ts'
import { countName, meetsScope, type QuotaEvaluator } from './evaluator.ts'

const count = countName(persistentVolumeClaims)
const own = ['persistentvolumeclaims', 'requests.storage']
const classSuffix = '.storageclass.storage.k8s.io/'

/** Claims and their storage, also by storage class (pkg/quota/v1/evaluator/core/persistent_volume_claims.go). */
export const volumeClaimQuota: QuotaEvaluator<PersistentVolumeClaim> = {
  counts: name => name === count || own.includes(name) || own.some(each => name.endsWith(classSuffix + each)),
  handles: ({ operation, subresource }) =>
    (subresource === '' || subresource === 'status') && (operation === 'CREATE' || operation === 'UPDATE'),
  usage(claim) {
    const storage = storageOf(claim)
    const charged = { persistentvolumeclaims: '1', ...(storage !== undefined && { 'requests.storage': storage }) }
    const name = classOf(claim)
    const byClass = Object.entries(charged).map(([each, amount]) => [name + classSuffix + each, amount] as const)
    return { [count]: '1', ...charged, ...(name !== '' && Object.fromEntries(byClass)) }
  },
  isInScope: (scope, claim) =>
    scope.scopeName === 'VolumeAttributesClass' && meetsScope(scope, attributesClassesOf(claim)),
  frees: () => true,
}

function classOf({ metadata, spec }: PersistentVolumeClaim): string {
  return metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? spec.storageClassName ?? ''
}

/** What is asked for, or what was set aside for a larger request before, in whole bytes. */
function storageOf({ spec, status }: PersistentVolumeClaim): string | undefined {
  const asked = spec.resources?.requests?.['storage']
  const allocated = status?.allocatedResources?.['storage']
  if (asked === undefined) return undefined
  const amount = allocated !== undefined && compareQuantities(allocated, asked) > 0 ? allocated : asked
  const whole = quantityValue(amount)
  return compareQuantities(whole, amount) === 0 ? formatQuantity(amount) : String(whole)
}

function attributesClassesOf({ spec, status }: PersistentVolumeClaim): string[] {
  const named = [
    spec.volumeAttributesClassName,
    status?.currentVolumeAttributesClassName,
    status?.modifyVolumeStatus?.targetVolumeAttributesClassName,
  ]
  return named.flatMap(name => name || [])
}
