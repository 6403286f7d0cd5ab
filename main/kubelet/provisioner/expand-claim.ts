import { persistentVolumeClaims, persistentVolumes } from '../../../shared/api/core.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../../../shared/api/core.ts'
import type { ControllerContext } from '../../../shared/client/controller.ts'
import { keyOf } from '../../../shared/client/key.ts'
import { capacityOf, requestOf } from '../../../shared/machinery/persistent-volumes.ts'
import { compareQuantities } from '../../../shared/machinery/quantity.ts'

/**
 * Lets a bound claim have what it asks for: first the volume says so, then the claim (external-resizer
 * resizeAndRecover). Nothing is done to the data: directories of the engine have no size of their own.
 */
export async function expandClaim(
  claim: PersistentVolumeClaim,
  volume: PersistentVolume,
  { client, recorder }: ControllerContext,
): Promise<void> {
  const wanted = requestOf(claim)
  const held = claim.status?.capacity?.['storage']
  if (claim.status?.phase !== 'Bound' || volume.spec.claimRef?.uid !== claim.metadata.uid || held === undefined) return
  if (compareQuantities(wanted, held) <= 0) return
  const { name, resourceVersion } = volume.metadata
  recorder.event(claim, 'Normal', 'Resizing', `External resizer is resizing volume ${name}`)
  const type = 'application/merge-patch+json'
  if (compareQuantities(capacityOf(volume), wanted) < 0)
    await client.patch(persistentVolumes, keyOf(volume), {
      type,
      body: { metadata: { resourceVersion }, spec: { capacity: { storage: wanted } } },
    })
  const size = { storage: wanted }
  await client.patch(persistentVolumeClaims, keyOf(claim), {
    type,
    subresource: 'status',
    body: { metadata: { uid: claim.metadata.uid }, status: { capacity: size, allocatedResources: size } },
  })
  recorder.event(claim, 'Normal', 'VolumeResizeSuccessful', 'Resize volume succeeded')
}
