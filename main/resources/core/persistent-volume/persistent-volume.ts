import { persistentVolumes, type PersistentVolume } from '../../../../shared/api/core.ts'
import { toTime } from '../../../../shared/machinery/clock.ts'
import { ageColumn, nameColumn } from '../../name-column.ts'
import { defineResource } from '../../resource.ts'
import { schemaOf } from '../../schemas.ts'
import { ensureStructs } from '../../structs.ts'
import { printAccessModes } from './access-modes.ts'
import { roundToMilli } from '../container/container-defaults.ts'
import { validatePersistentVolume, validatePersistentVolumeUpdate } from './persistent-volume-validation.ts'
import { classOf } from '../../../../shared/machinery/persistent-volumes.ts'
import { setOldSourceDefaults } from '../volume/volume-defaults.ts'
import { persistentVolumeWarnings } from '../../warnings/volume-objects.ts'

export const persistentVolume = defineResource(persistentVolumes, {
  shortNames: ['pv'],
  schema: () => schemaOf('io.k8s.api.core.v1.PersistentVolume'),
  setDefaults,
  prepareForCreate: (object, { now }) => {
    object.status = { phase: 'Pending', lastPhaseTransitionTime: toTime(now) }
  },
  validate: validatePersistentVolume,
  validateUpdate: validatePersistentVolumeUpdate,
  warnings: persistentVolumeWarnings,
  status: { prepareForUpdate: (object, old, { now }) => stampPhase(object, old, now) },
  columns: [
    nameColumn,
    { name: 'Capacity', type: 'string', cell: ({ spec }) => spec.capacity?.['storage'] ?? '0' },
    { name: 'Access Modes', type: 'string', cell: ({ spec }) => printAccessModes(spec.accessModes) },
    { name: 'Reclaim Policy', type: 'string', cell: ({ spec }) => spec.persistentVolumeReclaimPolicy ?? '' },
    { name: 'Status', type: 'string', cell: printPhase },
    { name: 'Claim', type: 'string', cell: printClaim },
    { name: 'StorageClass', type: 'string', cell: classOf },
    { name: 'VolumeAttributesClass', type: 'string', cell: ({ spec }) => spec.volumeAttributesClassName ?? '<unset>' },
    { name: 'Reason', type: 'string', cell: ({ status }) => status?.reason ?? '' },
    ageColumn,
    { name: 'VolumeMode', type: 'string', priority: 1, cell: ({ spec }) => spec.volumeMode ?? '<unset>' },
  ],
})

function setDefaults(object: PersistentVolume): void {
  ensureStructs(object, 'spec', 'status')
  object.status = { ...object.status, phase: object.status?.phase || 'Pending' }
  const { spec } = object
  spec.persistentVolumeReclaimPolicy ||= 'Retain'
  spec.volumeMode ??= 'Filesystem'
  if (spec.capacity) roundToMilli(spec.capacity)
  if (spec.hostPath) spec.hostPath.type ??= ''
  setOldSourceDefaults(spec)
}

/** Every change of the phase carries its time, the writer's or the server's (KEP-3762). */
function stampPhase(object: PersistentVolume, old: PersistentVolume, now: number): void {
  const { lastPhaseTransitionTime: before, phase } = old.status ?? {}
  const status = (object.status ??= {})
  const { lastPhaseTransitionTime: given } = status
  if (status.phase === phase) {
    if (given === undefined && before !== undefined) status.lastPhaseTransitionTime = before
  } else if (given === undefined || given === before) {
    status.lastPhaseTransitionTime = toTime(now)
  }
}

function printPhase({ metadata, status }: PersistentVolume): string {
  return metadata.deletionTimestamp === undefined ? (status?.phase ?? '') : 'Terminating'
}

function printClaim({ spec: { claimRef } }: PersistentVolume): string {
  return claimRef ? `${claimRef.namespace ?? ''}/${claimRef.name ?? ''}` : ''
}
