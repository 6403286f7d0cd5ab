import { persistentVolumes } from '../../../shared/api/core.ts'
import type { PersistentVolume } from '../../../shared/api/core.ts'
import type { ControllerContext } from '../../../shared/client/controller.ts'
import { isNotFound } from '../../../shared/machinery/status.ts'
import type { ProvisionerOptions } from './options.ts'

/** Keeps a volume's object until its data is gone, whoever deletes the object (KEP-2644). */
export const deletionFinalizer = 'external-provisioner.volume.kubernetes.io/finalizer'

/**
 * Deletes the data of a volume that was released, or never bound and deleted, if its policy is Delete; then the object
 * may go. With any other policy the object goes alone (sig-storage-lib controller.go, syncVolume and deleteVolumeOperation).
 */
export async function reclaimVolume(
  volume: PersistentVolume,
  { store }: ProvisionerOptions,
  { client, recorder }: ControllerContext,
): Promise<void> {
  const { name, uid, finalizers = [], deletionTimestamp } = volume.metadata
  const isHeld = finalizers.includes(deletionFinalizer)
  const deletes = volume.spec.persistentVolumeReclaimPolicy === 'Delete'
  const { phase } = volume.status ?? {}
  const isFree = phase === 'Released' || (deletionTimestamp !== undefined && phase !== 'Bound')
  const setFinalizers = (next: string[]) =>
    client.update(persistentVolumes, { ...volume, metadata: { ...volume.metadata, finalizers: next } })
  const rest = finalizers.filter(finalizer => finalizer !== deletionFinalizer)

  if (!deletes) {
    if (isHeld) await setFinalizers(rest)
    return
  }
  if (!isFree) {
    // The policy was changed to Delete.
    if (!isHeld && !deletionTimestamp) await setFinalizers([...finalizers, deletionFinalizer])
    return
  }
  if (deletionTimestamp !== undefined && !isHeld) return
  try {
    await store.remove(name)
  } catch (error) {
    recorder.event(volume, 'Warning', 'VolumeFailedDelete', error instanceof Error ? error.message : String(error))
    throw error
  }
  try {
    if (!deletionTimestamp) await client.delete(persistentVolumes, { namespace: '', name }, { preconditions: { uid } })
    const type = 'application/merge-patch+json'
    const live = await client.get(persistentVolumes, { name })
    const left = (live.metadata.finalizers ?? []).filter(finalizer => finalizer !== deletionFinalizer)
    const metadata = { uid, resourceVersion: live.metadata.resourceVersion, finalizers: left }
    await client.patch(persistentVolumes, { namespace: '', name }, { type, body: { metadata } })
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}
