import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from '../../../../shared/api/core.ts'
import type { StatusCause } from '../../../../shared/api/object.ts'
import { child, forbidden, invalid, key, notSupported, required } from '../../../../shared/machinery/field-errors.ts'
import { jsonEqual } from '../../../../shared/machinery/json-value.ts'
import { isQualifiedName } from '../../../../shared/machinery/names.ts'
import { compareQuantities } from '../../../../shared/machinery/quantity.ts'
import { immutable, invalidFor } from '../../faults.ts'
import { validateClaimSpec } from './claim-validation.ts'
import { validateBasicQuantity } from '../quantity-validation.ts'
import { differences } from '../spec-difference.ts'
import { classAnnotation } from '../../../../shared/machinery/persistent-volumes.ts'

const fixed =
  'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims'

/** Faults of a changed claim: only its size and attributes may change once it is bound (ValidatePersistentVolumeClaimUpdate). */
export function validateClaimUpdate(object: PersistentVolumeClaim, old: PersistentVolumeClaim): StatusCause[] {
  const { spec, metadata } = object
  const { spec: before } = old
  const anyGroup = (before.dataSource?.apiGroup ?? before.dataSourceRef?.apiGroup) !== undefined
  const [after, allowed] = [comparable(spec), comparable(allowedSpec(object, old))]
  const [annotation, oldAnnotation] = [metadata, old.metadata].map(meta => meta.annotations?.[classAnnotation] ?? '')
  return [
    ...validateClaimSpec(spec, { path: 'spec', anyGroup }),
    ...(movesClassOffAnnotation(object, old) || annotation === oldAnnotation
      ? []
      : [invalid(child('metadata', 'annotations', classAnnotation), annotation, immutable)]),
    ...(jsonEqual(after, allowed) ? [] : [forbidden('spec', `${fixed}\n${differences(allowed, after)}`)]),
    ...validateSize(spec, old),
    // Upstream's path lacks the spec.
    ...(spec.volumeMode === before.volumeMode ? [] : [invalid('volumeMode', spec.volumeMode, immutable)]),
    ...validateAttributes(spec, old),
  ]
}

/** Go knows no difference between an empty map and none. */
function comparable(spec: PersistentVolumeClaimSpec): unknown {
  const { limits = {}, requests = {} } = spec.resources ?? {}
  return { ...spec, resources: { limits, requests } }
}

/** The spec as it may be now: the old one with what may have changed about it. */
function allowedSpec(
  { spec, status, metadata }: PersistentVolumeClaim,
  old: PersistentVolumeClaim,
): PersistentVolumeClaimSpec {
  const allowed: PersistentVolumeClaimSpec = { ...old.spec, resources: { ...old.spec.resources } }
  const { storageClassName: name } = spec
  if (!old.spec.volumeName && spec.volumeName) allowed.volumeName = spec.volumeName
  const annotated = old.metadata.annotations?.[classAnnotation]
  const namedNow = name !== undefined && old.spec.storageClassName === undefined
  if (namedNow && (annotated === undefined || annotated === name || movesClassOffAnnotation({ spec, metadata }, old)))
    allowed.storageClassName = name
  if (status?.phase === 'Bound') {
    const storage = spec.resources?.requests?.['storage']
    const { storage: _before, ...others } = old.spec.resources?.requests ?? {}
    allowed.resources = { ...old.spec.resources, requests: { ...others, ...(storage !== undefined && { storage }) } }
    if (spec.volumeAttributesClassName === undefined) delete allowed.volumeAttributesClassName
    else allowed.volumeAttributesClassName = spec.volumeAttributesClassName
  }
  return allowed
}

/** Whether the class that stood in an annotation is now in the spec and nowhere else or the same in both. */
function movesClassOffAnnotation(
  { spec, metadata }: Pick<PersistentVolumeClaim, 'spec' | 'metadata'>,
  old: PersistentVolumeClaim,
): boolean {
  const before = old.metadata.annotations?.[classAnnotation]
  const now = metadata.annotations?.[classAnnotation] ?? before
  return (
    before !== undefined &&
    old.spec.storageClassName === undefined &&
    spec.storageClassName === before &&
    now === before
  )
}

/** A claim may only shrink back from a size that was never reached (KEP-1790). */
function validateSize(
  { resources }: PersistentVolumeClaimSpec,
  { spec, status }: PersistentVolumeClaim,
): StatusCause[] {
  const size = resources?.requests?.['storage'] ?? '0'
  const shrinks = compareQuantities(size, spec.resources?.requests?.['storage'] ?? '0') < 0
  if (!shrinks || compareQuantities(size, status?.capacity?.['storage'] ?? '0') > 0) return []
  return [forbidden('spec.resources.requests.storage', 'field can not be less than status.capacity')]
}

function validateAttributes(
  { volumeAttributesClassName: name }: PersistentVolumeClaimSpec,
  { spec, status }: PersistentVolumeClaim,
): StatusCause[] {
  if (name || name === spec.volumeAttributesClassName || status?.currentVolumeAttributesClassName === undefined)
    return []
  const to = name === undefined ? 'nil' : 'empty string'
  const detail = `update to ${to} is forbidden when status.currentVolumeAttributesClassName is not nil`
  return [forbidden('spec.volumeAttributesClassName', detail)]
}

const resizeStatuses = [
  'ControllerResizeInProgress',
  'ControllerResizeInfeasible',
  'NodeResizeInProgress',
  'NodeResizeInfeasible',
  'NodeResizePending',
].sort()

/** Faults of a claim's status (ValidatePersistentVolumeClaimStatusUpdate). */
export function validateClaimStatus({ spec, status }: PersistentVolumeClaim): StatusCause[] {
  const { capacity = {}, allocatedResourceStatuses: states = {}, allocatedResources: allocated = {} } = status ?? {}
  const statesPath = 'status.allocatedResourceStatuses'
  const allocatedPath = 'status.allocatedResources'
  return [
    // Upstream writes the field with a capital.
    ...(spec.accessModes?.length ? [] : [required('Spec.accessModes')]),
    ...Object.entries(capacity).flatMap(([name, value]) => validateBasicQuantity(value, key('status.capacity', name))),
    ...Object.entries(states).flatMap(([name, state]) => [
      ...validateResourceKey(name, statesPath),
      ...(resizeStatuses.includes(state) ? [] : [notSupported(statesPath, name, resizeStatuses)]),
    ]),
    ...Object.entries(allocated).flatMap(([name, value]) => {
      const faults = validateResourceKey(name, allocatedPath)
      return faults.length > 0 ? faults : validateBasicQuantity(value, key(allocatedPath, name))
    }),
  ]
}

function validateResourceKey(name: string, path: string): StatusCause[] {
  const faults = invalidFor(path, name, isQualifiedName(name))
  if (faults.length > 0) return faults
  const native = !name.includes('/') || name.includes('kubernetes.io/')
  return native && name !== 'storage' ? [notSupported(path, name, ['storage'])] : []
}
