import { posix } from 'node:path'
import type { PersistentVolume, PersistentVolumeSpec } from '../../../../shared/api/core.ts'
import type { StatusCause } from '../../../../shared/api/object.ts'
import { child, forbidden, invalid, key, notSupported, required } from '../../../../shared/machinery/field-errors.ts'
import { jsonEqual } from '../../../../shared/machinery/json-value.ts'
import { isDns1123Subdomain } from '../../../../shared/machinery/names.ts'
import { immutable, invalidFor, knownOnly } from '../../faults.ts'
import { validateAccessModes } from './access-modes.ts'
import { validateNodeSelector } from '../pod/affinity-validation.ts'
import { validateBasicQuantity, validatePositiveQuantity } from '../quantity-validation.ts'
import { differences } from '../spec-difference.ts'
import { mountable, sourcesOf, validateSources } from './volume-source-validation.ts'

const mountAnnotation = 'volume.beta.kubernetes.io/mount-options'

/** Faults of a PersistentVolume (pkg/apis/core/validation ValidatePersistentVolume, pkg/volume/validation). */
export function validatePersistentVolume({ metadata, spec }: PersistentVolume): StatusCause[] {
  const options = metadata.annotations?.[mountAnnotation]
  const path = child('metadata', 'annotations', mountAnnotation)
  return [
    ...validatePersistentVolumeSpec(spec, { path: 'spec', name: metadata.name }),
    ...(options === undefined || mountable(spec)
      ? []
      : [forbidden(path, 'may not specify mount options for this volume type')]),
  ]
}

interface Place {
  path: string
  /** Of the volume. */
  name: string
}

/** Faults of the spec of a PersistentVolume (ValidatePersistentVolumeSpec). */
function validatePersistentVolumeSpec(spec: PersistentVolumeSpec, place: Place): StatusCause[] {
  const { path } = place
  const at = (field: string) => child(path, field)
  const { storageClassName = '', nodeAffinity, persistentVolumeReclaimPolicy: policy = '' } = spec
  const recycled = spec.hostPath && posix.normalize(spec.hostPath.path || '.') === '/' && policy === 'Recycle'
  return [
    ...validateCapacity(spec.capacity, at('capacity')),
    ...(policy ? knownOnly(at('persistentVolumeReclaimPolicy'), policy, ['Delete', 'Recycle', 'Retain']) : []),
    ...(nodeAffinity ? validateNodes(nodeAffinity, at('nodeAffinity')) : []),
    ...validateSharedSpec(spec, place),
    ...(recycled
      ? [forbidden(at('persistentVolumeReclaimPolicy'), "may not be 'recycle' for a hostPath mount of '/'")]
      : []),
    ...(storageClassName
      ? invalidFor(at('storageClassName'), storageClassName, isDns1123Subdomain(storageClassName))
      : []),
    ...(spec.volumeMode === undefined ? [] : knownOnly(at('volumeMode'), spec.volumeMode, ['Block', 'Filesystem'])),
  ]
}

/** Faults of a spec that stands in a VolumeAttachment instead of the name of a volume. */
export function validateInlineVolumeSpec(spec: PersistentVolumeSpec, path: string): StatusCause[] {
  const at = (field: string) => child(path, field)
  const { persistentVolumeReclaimPolicy: policy = 'Retain', volumeMode = 'Filesystem' } = spec
  const outside = 'may not be specified in the context of inline volumes'
  const given = { ...spec, capacity: Object.keys(spec.capacity ?? {}).length > 0 ? spec.capacity : undefined }
  const none = (['claimRef', 'capacity', 'nodeAffinity', 'storageClassName'] as const).filter(
    field => given[field] !== undefined && given[field] !== '',
  )
  return [
    ...none.map(field => forbidden(at(field), outside)),
    ...(spec.csi ? [] : [required(at('csi'), 'has to be specified in the context of inline volumes')]),
    ...(policy === 'Retain' || policy === ''
      ? []
      : [forbidden(at('persistentVolumeReclaimPolicy'), 'may only be Retain in the context of inline volumes')]),
    ...validateSharedSpec(spec, { path, name: '' }),
    ...(volumeMode === 'Filesystem'
      ? []
      : [
          forbidden(
            at('volumeMode'),
            'may not specify volumeMode other than Filesystem in the context of inline volumes',
          ),
        ]),
  ]
}

function validateSharedSpec(spec: PersistentVolumeSpec, place: Place): StatusCause[] {
  const { path } = place
  const { accessModes = [], volumeAttributesClassName: attributes } = spec
  const attributesPath = child(path, 'volumeAttributesClassName')
  return [
    ...(accessModes.length === 0 ? [required(child(path, 'accessModes'))] : []),
    ...validateAccessModes(accessModes, child(path, 'accessModes')),
    ...validateSources(spec, place),
    ...(attributes === undefined
      ? []
      : [
          ...(attributes
            ? invalidFor(attributesPath, attributes, isDns1123Subdomain(attributes))
            : [required(attributesPath, 'an empty string is disallowed')]),
          ...(spec.csi
            ? []
            : [required(child(path, 'csi'), 'has to be specified when using volumeAttributesClassName')]),
        ]),
  ]
}

function validateCapacity(capacity: Record<string, string> | undefined, path: string): StatusCause[] {
  const entries = Object.entries(capacity ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))
  const names = entries.map(([name]) => name)
  return [
    ...(names.length === 0 ? [required(path)] : []),
    ...(names.length === 1 && names[0] === 'storage'
      ? []
      : [notSupported(path, capacity && Object.fromEntries(entries), ['storage'])]),
    ...entries.flatMap(([name, value]) => [
      ...validateBasicQuantity(value, key(path, name)),
      ...validatePositiveQuantity(value, key(path, name)),
    ]),
  ]
}

function validateNodes(
  { required: needed }: NonNullable<PersistentVolumeSpec['nodeAffinity']>,
  path: string,
): StatusCause[] {
  const at = child(path, 'required')
  return needed ? validateNodeSelector(needed, at) : [required(at, 'must specify required node constraints')]
}

/** Faults of a changed PersistentVolume: where its bytes are stays (ValidatePersistentVolumeUpdate). */
export function validatePersistentVolumeUpdate(object: PersistentVolume, old: PersistentVolume): StatusCause[] {
  const { spec } = object
  const { spec: before } = old
  const [source, oldSource] = [sourcesOf(withoutNewSecret(spec, before)), sourcesOf(before)]
  const affinityDetail = `${immutable}, except for updating from beta label to GA`
  const removed = before.volumeAttributesClassName !== undefined && spec.volumeAttributesClassName === undefined
  return [
    ...validatePersistentVolume(object),
    ...(jsonEqual(source, oldSource)
      ? []
      : [
          forbidden(
            'spec.persistentvolumesource',
            `spec.persistentvolumesource is immutable after creation\n${differences(oldSource, source)}`,
          ),
        ]),
    // Upstream's paths of these two lack the spec.
    ...(spec.volumeMode === before.volumeMode ? [] : [invalid('volumeMode', spec.volumeMode, immutable)]),
    ...(before.nodeAffinity && !jsonEqual(spec.nodeAffinity, withNewLabels(before.nodeAffinity, spec.nodeAffinity))
      ? [invalid('nodeAffinity', spec.nodeAffinity, affinityDetail)]
      : []),
    ...(removed ? [forbidden('spec.volumeAttributesClassName', 'update from non-nil value to nil is forbidden')] : []),
  ]
}

/** The secret for growing a volume may be added later. */
function withoutNewSecret(spec: PersistentVolumeSpec, { csi: before }: PersistentVolumeSpec): PersistentVolumeSpec {
  if (!spec.csi || !before || before.controllerExpandSecretRef) return spec
  const { controllerExpandSecretRef: _added, ...csi } = spec.csi
  return { ...spec, csi }
}

/** Labels of nodes that have got another name, old and new (betaToGALabel). */
const renamedLabels = new Map([
  ['failure-domain.beta.kubernetes.io/zone', 'topology.kubernetes.io/zone'],
  ['failure-domain.beta.kubernetes.io/region', 'topology.kubernetes.io/region'],
  ['beta.kubernetes.io/os', 'kubernetes.io/os'],
  ['beta.kubernetes.io/arch', 'kubernetes.io/arch'],
  ['beta.kubernetes.io/instance-type', 'node.kubernetes.io/instance-type'],
])

type Affinity = NonNullable<PersistentVolumeSpec['nodeAffinity']>

/** The old affinity with the labels' new names where the new affinity has them. */
function withNewLabels(old: Affinity, affinity: Affinity | undefined): Affinity {
  const renamed = structuredClone(old)
  renamed.required?.nodeSelectorTerms.forEach((term, i) => {
    for (const field of ['matchExpressions', 'matchFields'] as const) {
      term[field]?.forEach((requirement, j) => {
        const now = affinity?.required?.nodeSelectorTerms[i]?.[field]?.[j]?.key
        if (now !== undefined && renamedLabels.get(requirement.key) === now) requirement.key = now
      })
    }
  })
  return renamed
}
