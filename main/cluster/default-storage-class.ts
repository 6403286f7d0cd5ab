import { namespaces } from '../../shared/api/core.ts'
import { storageClasses } from '../../shared/api/storage.ts'
import type { Client } from '../../shared/client/client.ts'
import { isAlreadyExists } from '../../shared/machinery/status.ts'
import { provisionerName } from '../kubelet/provisioner/options.ts'

/** On the namespace kube-system: which classes this cluster has been given. */
const marker = 'podbay.io/storage-classes'
const name = 'standard'

/**
 * Gives a new cluster its default StorageClass, once: whoever changes or deletes it has the last word, also after a
 * restart.
 */
export async function publishStorageClass(client: Client): Promise<void> {
  const system = { namespace: '', name: 'kube-system' }
  const { metadata } = await client.get(namespaces, system)
  if (metadata.annotations?.[marker] !== undefined) return
  try {
    await client.create(storageClasses, {
      metadata: { name, annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
      provisioner: provisionerName,
      reclaimPolicy: 'Delete',
      volumeBindingMode: 'WaitForFirstConsumer',
      allowVolumeExpansion: true,
    })
  } catch (error) {
    if (!isAlreadyExists(error)) throw error
  }
  const body = { metadata: { annotations: { [marker]: name } } }
  await client.patch(namespaces, system, { type: 'application/merge-patch+json', body })
}
