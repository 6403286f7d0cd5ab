import type { PersistentVolumeClaimSpec } from '../../../../shared/api/core.ts'
import type { StatusCause } from '../../../../shared/api/object.ts'
import { child, invalid, key, required } from '../../../../shared/machinery/field-errors.ts'
import { isDns1123Label, isDns1123Subdomain } from '../../../../shared/machinery/names.ts'
import { invalidFor, knownOnly } from '../../faults.ts'
import { validateLabelSelector } from '../../labels.ts'
import { validateAccessModes } from './access-modes.ts'
import { validatePositiveQuantity } from '../quantity-validation.ts'

interface Rules {
  path: string
  /** An API group that is no name is let pass: the old claim had one. */
  anyGroup?: boolean
}

/** Faults of what a claim asks for (pkg/apis/core/validation ValidatePersistentVolumeClaimSpec). */
export function validateClaimSpec(spec: PersistentVolumeClaimSpec, rules: Rules): StatusCause[] {
  const { accessModes = [], selector, resources, storageClassName, volumeAttributesClassName: attributes } = spec
  const at = (field: string) => child(rules.path, field)
  const storage = resources?.requests?.['storage']
  const storagePath = key(at('resources'), 'storage')
  return [
    ...(accessModes.length === 0 ? [required(at('accessModes'), 'at least 1 access mode is required')] : []),
    ...validateLabelSelector(selector, at('selector')),
    ...validateAccessModes(accessModes, at('accessModes')),
    ...(storage === undefined ? [required(storagePath)] : validatePositiveQuantity(storage, storagePath)),
    ...(storageClassName
      ? invalidFor(at('storageClassName'), storageClassName, isDns1123Subdomain(storageClassName))
      : []),
    ...(spec.volumeMode === undefined ? [] : knownOnly(at('volumeMode'), spec.volumeMode, ['Block', 'Filesystem'])),
    ...validateSources(spec, rules),
    ...(attributes ? invalidFor(at('volumeAttributesClassName'), attributes, isDns1123Subdomain(attributes)) : []),
  ]
}

function validateSources(spec: PersistentVolumeClaimSpec, rules: Rules): StatusCause[] {
  const { dataSource, dataSourceRef } = spec
  const { path } = rules
  const at = child(path, 'dataSource')
  const elsewhere = Boolean(dataSourceRef?.namespace)
  const differs =
    dataSource &&
    dataSourceRef &&
    !(['apiGroup', 'kind', 'name'] as const).every(f => dataSource[f] === dataSourceRef[f])
  // Upstream gives the path itself, a struct, for the value.
  const fault = (detail: string) => [invalid(path, {}, detail)]
  return [
    ...(dataSource ? validateSource(dataSource, { ...rules, path: at }) : []),
    ...(dataSourceRef ? validateSource(dataSourceRef, { ...rules, path: child(path, 'dataSourceRef') }) : []),
    ...(elsewhere && dataSource ? fault('may not be specified when dataSourceRef.namespace is specified') : []),
    ...(!elsewhere && differs ? fault('must match dataSourceRef') : []),
  ]
}

interface Reference {
  apiGroup?: string
  kind: string
  name: string
  namespace?: string
}

function validateSource({ apiGroup = '', kind, name, namespace }: Reference, { path, anyGroup }: Rules): StatusCause[] {
  const foreign = apiGroup === '' && kind !== 'PersistentVolumeClaim'
  return [
    ...(name ? [] : [required(child(path, 'name'))]),
    ...(kind ? [] : [required(child(path, 'kind'))]),
    ...(foreign ? [invalid(path, kind, "must be 'PersistentVolumeClaim' when referencing the default apiGroup")] : []),
    ...(apiGroup && !anyGroup ? invalidFor(child(path, 'apiGroup'), apiGroup, isDns1123Subdomain(apiGroup)) : []),
    ...(namespace ? invalidFor(child(path, 'namespace'), namespace, isDns1123Label(namespace)) : []),
  ]
}
