import type { StatusCause } from '../../../shared/api/object.ts'
import { volumeAttachments, type VolumeAttachment } from '../../../shared/api/storage.ts'
import { child, forbidden, invalid, required, tooLong } from '../../../shared/machinery/field-errors.ts'
import { jsonEqual } from '../../../shared/machinery/json-value.ts'
import { byteLength, inRange, isDns1123Subdomain } from '../../../shared/machinery/names.ts'
import { validateInlineVolumeSpec } from '../core/persistent-volume/persistent-volume-validation.ts'
import { immutable, invalidFor } from '../faults.ts'
import { ageColumn, nameColumn } from '../name-column.ts'
import { defineResource } from '../resource.ts'
import { schemaOf } from '../schemas.ts'
import { keepMetadata } from '../status-metadata.ts'
import { ensureStructs } from '../structs.ts'
import { validateDriverName } from './driver-name.ts'

const metadataLimit = 256 * 1024
const messageLimit = 1024

export const volumeAttachment = defineResource(volumeAttachments, {
  schema: () => schemaOf('io.k8s.api.storage.v1.VolumeAttachment'),
  unconditionalUpdate: false,
  setDefaults: object => {
    ensureStructs(object, 'spec')
    ensureStructs(object.spec, 'source')
    Object.assign(object.spec, { attacher: '', nodeName: '' }, { ...object.spec })
    object.status = { ...object.status, attached: object.status?.attached ?? false }
  },
  prepareForCreate: object => {
    object.status = { attached: false }
  },
  validate,
  validateUpdate,
  status: { prepareForUpdate: keepMetadata, validateUpdate },
  columns: [
    nameColumn,
    { name: 'Attacher', type: 'string', format: 'name', cell: ({ spec }) => spec.attacher },
    { name: 'PV', type: 'string', cell: ({ spec }) => spec.source.persistentVolumeName ?? '' },
    { name: 'Node', type: 'string', cell: ({ spec }) => spec.nodeName },
    { name: 'Attached', type: 'boolean', cell: ({ status }) => status?.attached ?? false },
    ageColumn,
  ],
})

function validateUpdate(object: VolumeAttachment, old: VolumeAttachment): StatusCause[] {
  return [
    ...validate(object),
    ...(jsonEqual(object.spec, old.spec) ? [] : [invalid('spec', asGoPrints(object.spec), immutable)]),
  ]
}

/** Upstream prints its internal type, whose fields have no JSON names. */
const asGoPrints = ({ attacher, nodeName, source }: VolumeAttachment['spec']) => ({
  Attacher: attacher,
  Source: {
    PersistentVolumeName: source.persistentVolumeName ?? null,
    InlineVolumeSpec: source.inlineVolumeSpec ?? null,
  },
  NodeName: nodeName,
})

function validate({ spec, status }: VolumeAttachment): StatusCause[] {
  const { attachmentMetadata = {}, attachError, detachError } = status ?? {}
  const size = Object.entries(attachmentMetadata).reduce((sum, [k, v]) => sum + byteLength(k) + byteLength(v), 0)
  return [
    ...validateDriverName('spec.attacher', spec.attacher),
    ...validateSource(spec.source, 'spec.source'),
    ...invalidFor('spec.nodeName', spec.nodeName, isDns1123Subdomain(spec.nodeName)),
    ...(size > metadataLimit ? [tooLong('status.attachmentMetadata', metadataLimit)] : []),
    ...validateError(attachError, 'status.attachError'),
    ...validateError(detachError, 'status.detachError'),
  ]
}

type Source = VolumeAttachment['spec']['source']

function validateSource({ inlineVolumeSpec: inline, persistentVolumeName: name }: Source, path: string): StatusCause[] {
  const one = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName'
  const namePath = child(path, 'persistentVolumeName')
  if (name === undefined) {
    return inline ? validateInlineVolumeSpec(inline, child(path, 'inlineVolumeSpec')) : [required(path, one)]
  }
  return [
    ...(inline
      ? [forbidden(path, one)]
      : name
        ? []
        : [required(namePath, 'must specify non empty persistentVolumeName')]),
    ...invalidFor(namePath, name, isDns1123Subdomain(name)),
  ]
}

function validateError(error: { message?: string; errorCode?: number } | undefined, path: string): StatusCause[] {
  const { message = '', errorCode: code = 0 } = error ?? {}
  return [
    // Upstream names the wrong limit.
    ...(byteLength(message) > messageLimit ? [tooLong(child(path, 'message'), metadataLimit)] : []),
    ...(code < 0 ? invalidFor(child(path, 'errorCode'), code, inRange({ value: code, min: 0, max: 2 ** 31 - 1 })) : []),
  ]
}
