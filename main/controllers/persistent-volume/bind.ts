import { persistentVolumeClaims, persistentVolumes } from '../../../shared/api/core.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../../../shared/api/core.ts'
import type { KubeObject } from '../../../shared/api/object.ts'
import type { ResourceRef } from '../../../shared/api/ref.ts'
import type { ControllerContext } from '../../../shared/client/controller.ts'
import { jsonEqual } from '../../../shared/machinery/json-value.ts'
import { bindCompleted, boundByController, isVolumeOf } from '../../../shared/machinery/persistent-volumes.ts'
import { compareQuantities } from '../../../shared/machinery/quantity.ts'

type ClaimStatus = NonNullable<PersistentVolumeClaim['status']>

/**
 * Binds both ways, the volume first, so that what is interrupted is found by the volume (pv_controller.go, bind). What is
 * as it should be is not written.
 */
export async function bind(volume: PersistentVolume, claim: PersistentVolumeClaim, context: ControllerContext) {
  const reserved = await bindVolume(volume, claim, context)
  const bound = await setVolumePhase(reserved, { phase: 'Bound' }, context)
  await setClaimPhase(await bindClaim(claim, bound, context), { phase: 'Bound', volume: bound }, context)
}

async function bindVolume(volume: PersistentVolume, claim: PersistentVolumeClaim, context: ControllerContext) {
  const { namespace = '', name, uid, resourceVersion = '' } = claim.metadata
  if (volume.spec.claimRef?.uid === uid) return volume
  const metadata = isVolumeOf(volume, claim) ? volume.metadata : annotated(volume, { [boundByController]: 'yes' })
  const claimRef = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid, resourceVersion }
  return save(persistentVolumes, { ...volume, metadata, spec: { ...volume.spec, claimRef } }, context)
}

async function bindClaim(
  claim: PersistentVolumeClaim,
  { metadata: { name } }: PersistentVolume,
  context: ControllerContext,
) {
  const isNamed = claim.spec.volumeName === name
  if (isNamed && claim.metadata.annotations?.[bindCompleted] !== undefined) return claim
  const metadata = annotated(claim, { [bindCompleted]: 'yes', ...(!isNamed && { [boundByController]: 'yes' }) })
  return save(persistentVolumeClaims, { ...claim, metadata, spec: { ...claim.spec, volumeName: name } }, context)
}

/** Gives a volume back: the whole reservation if a controller made it, else only the claim's uid (unbindVolume). */
export async function unbind(volume: PersistentVolume, context: ControllerContext): Promise<void> {
  const { [boundByController]: byController, ...annotations } = volume.metadata.annotations ?? {}
  const { claimRef, ...spec } = volume.spec
  const { uid: _, ...reservation } = claimRef ?? {}
  const free =
    byController === undefined
      ? { ...volume, spec: { ...spec, claimRef: reservation } }
      : { ...volume, metadata: { ...volume.metadata, annotations }, spec }
  await setVolumePhase(await save(persistentVolumes, free, context), { phase: 'Available' }, context)
}

/** With the phase goes its message, which only Failed has. */
export async function setVolumePhase(
  volume: PersistentVolume,
  { phase, message }: { phase: string; message?: string },
  context: ControllerContext,
): Promise<PersistentVolume> {
  if (volume.status?.phase === phase) return volume
  const { message: _, ...rest } = volume.status ?? {}
  const status = { ...rest, phase, ...(message !== undefined && { message }) }
  return save(persistentVolumes, { ...volume, status }, context, 'status')
}

/** What a claim has is what its volume has; capacity is copied once, since growth is told when it is done (updateClaimStatus). */
export async function setClaimPhase(
  claim: PersistentVolumeClaim,
  { phase, volume }: { phase: string; volume?: PersistentVolume },
  context: ControllerContext,
): Promise<void> {
  const { accessModes: _, capacity, currentVolumeAttributesClassName: attributes, ...rest } = claim.status ?? {}
  let status: ClaimStatus = { ...rest, phase }
  if (volume) {
    const { accessModes, capacity: size, volumeAttributesClassName } = volume.spec
    const isNew = claim.status?.phase !== phase
    const keeps = !isNew || compareQuantities(capacity?.['storage'] ?? '0', size?.['storage'] ?? '0') === 0
    const held = keeps ? capacity : size
    const current = claim.status?.phase === 'Pending' ? volumeAttributesClassName : attributes
    status = {
      ...status,
      ...(accessModes && { accessModes }),
      ...(held && { capacity: held }),
      ...(current !== undefined && { currentVolumeAttributesClassName: current }),
    }
  }
  if (!jsonEqual(status, claim.status ?? {}))
    await save(persistentVolumeClaims, { ...claim, status }, context, 'status')
}

const annotated = ({ metadata }: KubeObject, more: Record<string, string>) => ({
  ...metadata,
  annotations: { ...more, ...metadata.annotations },
})

/** Writes an object and waits until the informer has it, so that the next look does not meet the old state. */
export async function save<T extends KubeObject>(
  ref: ResourceRef<T>,
  object: T,
  { client, informers, signal }: ControllerContext,
  subresource?: 'status',
): Promise<T> {
  const saved = await client.update(ref, object, subresource)
  await informers.informer(ref).reached(saved.metadata.resourceVersion, signal)
  return saved
}
