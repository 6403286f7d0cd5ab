import {
  persistentVolumeClaims,
  type PersistentVolumeClaim,
  type PersistentVolumeClaimSpec,
} from '../../../../shared/api/core.ts'
import { ageColumn, nameColumn } from '../../name-column.ts'
import { defineResource } from '../../resource.ts'
import { schemaOf } from '../../schemas.ts'
import { ensureStructs } from '../../structs.ts'
import { printAccessModes } from './access-modes.ts'
import { roundToMilli } from '../container/container-defaults.ts'
import { validateClaimStatus, validateClaimUpdate } from './claim-update-validation.ts'
import { validateClaimSpec } from './claim-validation.ts'
import { classOf } from '../../../../shared/machinery/persistent-volumes.ts'
import { claimWarnings } from '../../warnings/volume-objects.ts'

export const persistentVolumeClaim = defineResource(persistentVolumeClaims, {
  shortNames: ['pvc'],
  schema: () => schemaOf('io.k8s.api.core.v1.PersistentVolumeClaim'),
  setDefaults,
  prepareForCreate: object => {
    object.status = { phase: 'Pending' }
    normaliseSources(object.spec, undefined)
  },
  prepareForUpdate: ({ spec }, old) => normaliseSources(spec, old.spec),
  validate: ({ spec }) => validateClaimSpec(spec, { path: 'spec' }),
  validateUpdate: validateClaimUpdate,
  warnings: claimWarnings,
  status: { validateUpdate: validateClaimStatus },
  columns: [
    nameColumn,
    { name: 'Status', type: 'string', cell: printPhase },
    { name: 'Volume', type: 'string', cell: ({ spec }) => spec.volumeName ?? '' },
    {
      name: 'Capacity',
      type: 'string',
      cell: ({ spec, status }) => (spec.volumeName ? (status?.capacity?.['storage'] ?? '0') : ''),
    },
    {
      name: 'Access Modes',
      type: 'string',
      cell: ({ spec, status }) => (spec.volumeName ? printAccessModes(status?.accessModes) : ''),
    },
    { name: 'StorageClass', type: 'string', cell: classOf },
    { name: 'VolumeAttributesClass', type: 'string', cell: ({ spec }) => spec.volumeAttributesClassName ?? '<unset>' },
    ageColumn,
    { name: 'VolumeMode', type: 'string', priority: 1, cell: ({ spec }) => spec.volumeMode ?? '<unset>' },
  ],
})

function setDefaults(object: PersistentVolumeClaim): void {
  ensureStructs(object, 'spec')
  ensureStructs(object.spec, 'resources')
  object.status = { ...object.status, phase: object.status?.phase || 'Pending' }
  object.spec.volumeMode ??= 'Filesystem'
  const { capacity, allocatedResources } = object.status
  const { limits, requests } = object.spec.resources ?? {}
  for (const list of [limits, requests, capacity, allocatedResources]) if (list) roundToMilli(list)
}

/**
 * `dataSource` and `dataSourceRef` say the same (KEP-1495): what only the older field names and is neither a claim nor a
 * snapshot is dropped, and so is another namespace (CrossNamespaceVolumeDataSource is off).
 */
function normaliseSources(spec: PersistentVolumeClaimSpec, old: PersistentVolumeClaimSpec | undefined): void {
  if (spec.dataSourceRef?.namespace && !old?.dataSourceRef) delete spec.dataSourceRef
  const used = old?.dataSource !== undefined || old?.dataSourceRef !== undefined
  if (spec.dataSource && !used && !spec.dataSourceRef && !isClaimOrSnapshot(spec.dataSource)) delete spec.dataSource
  const { dataSource, dataSourceRef } = spec
  if (dataSource && !dataSourceRef) spec.dataSourceRef = { ...dataSource }
  else if (dataSourceRef && !dataSource && !dataSourceRef.namespace) {
    const { namespace: _none, ...local } = dataSourceRef
    spec.dataSource = local
  }
}

function isClaimOrSnapshot({ kind, apiGroup = '' }: { kind: string; apiGroup?: string }): boolean {
  return apiGroup === ''
    ? kind === 'PersistentVolumeClaim'
    : apiGroup === 'snapshot.storage.k8s.io' && kind === 'VolumeSnapshot'
}

function printPhase({ metadata, status }: PersistentVolumeClaim): string {
  return metadata.deletionTimestamp === undefined ? (status?.phase ?? '') : 'Terminating'
}
