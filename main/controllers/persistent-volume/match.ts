import type { PersistentVolume, PersistentVolumeClaim } from '../../../shared/api/core.ts'
import { capacityOf, classOf, isVolumeOf, requestOf } from '../../../shared/machinery/persistent-volumes.ts'
import { compareQuantities } from '../../../shared/machinery/quantity.ts'
import { matchesRequirements, requirementsOf } from '../../../shared/machinery/selectors.ts'

/**
 * The volume that is reserved for a claim, else the smallest free one that will do, of as few access modes as possible
 * (persistentvolume/index.go, component-helpers FindMatchingVolume). With `delayed` free ones are left to the scheduler.
 */
export function findMatch(
  claim: PersistentVolumeClaim,
  volumes: readonly PersistentVolume[],
  { delayed }: { delayed: boolean },
): PersistentVolume | undefined {
  const candidates = volumes
    .filter(volume => !volume.metadata.deletionTimestamp)
    .filter(volume => compareQuantities(capacityOf(volume), requestOf(claim)) >= 0)
    .filter(
      volume => !differsInMode(volume, claim) && hasSameAttributes(volume, claim) && hasAccessModes(volume, claim),
    )
  const own = candidates.find(volume => isVolumeOf(volume, claim))
  if (own || delayed) return own
  const selector = claim.spec.selector ? requirementsOf(claim.spec.selector) : []
  const [best] = candidates
    .filter(({ spec, status }) => !spec.claimRef && status?.phase === 'Available')
    .filter(volume => classOf(volume) === classOf(claim))
    .filter(({ metadata }) => matchesRequirements(selector, metadata.labels))
    .toSorted((a, b) => modesOf(a).length - modesOf(b).length || compareQuantities(capacityOf(a), capacityOf(b)))
  return best
}

/** Why a claim can't have the free volume that it asks for by name, if so (pv_controller.go, checkVolumeSatisfyClaim). */
export function mismatch(volume: PersistentVolume, claim: PersistentVolumeClaim): string | undefined {
  if (volume.metadata.deletionTimestamp) return `the volume is marked for deletion "${volume.metadata.name}"`
  if (compareQuantities(capacityOf(volume), requestOf(claim)) < 0) return 'requested PV is too small'
  if (classOf(volume) !== classOf(claim)) return 'storageClassName does not match'
  if (!hasSameAttributes(volume, claim)) return 'volumeAttributesClassName does not match'
  if (differsInMode(volume, claim)) return 'incompatible volumeMode'
  return hasAccessModes(volume, claim) ? undefined : 'incompatible accessMode'
}

/** One is a block device and the other a file system. */
export function differsInMode({ spec: volume }: PersistentVolume, { spec: claim }: PersistentVolumeClaim): boolean {
  return (volume.volumeMode ?? 'Filesystem') !== (claim.volumeMode ?? 'Filesystem')
}

const modesOf = ({ spec }: PersistentVolume) => spec.accessModes ?? []

const hasAccessModes = (volume: PersistentVolume, { spec }: PersistentVolumeClaim) =>
  (spec.accessModes ?? []).every(mode => modesOf(volume).includes(mode))

const hasSameAttributes = ({ spec: volume }: PersistentVolume, { spec: claim }: PersistentVolumeClaim) =>
  (volume.volumeAttributesClassName ?? '') === (claim.volumeAttributesClassName ?? '')
