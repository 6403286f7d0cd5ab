import { persistentVolumes } from '../../../shared/api/core.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../../../shared/api/core.ts'
import type { Draft } from '../../../shared/api/object.ts'
import { storageClasses, type StorageClass } from '../../../shared/api/storage.ts'
import type { ControllerContext } from '../../../shared/client/controller.ts'
import { unlessGone } from '../../../shared/client/unless-gone.ts'
import { classOf, provisionedBy, requestOf } from '../../../shared/machinery/persistent-volumes.ts'
import { isAlreadyExists } from '../../../shared/machinery/status.ts'
import { provisionerName, type ProvisionerOptions } from './options.ts'
import { deletionFinalizer } from './reclaim-volume.ts'

export const volumeNameOf = ({ metadata }: PersistentVolumeClaim): string => `pvc-${metadata.uid}`

/** Makes the volume of a claim; the binder then binds them (sig-storage-lib controller.go, provisionClaimOperation). */
export async function provisionClaim(
  claim: PersistentVolumeClaim,
  { nodeName, store }: ProvisionerOptions,
  { client, recorder }: ControllerContext,
): Promise<void> {
  const { namespace = '' } = claim.metadata
  const name = volumeNameOf(claim)
  // Asked live: volumes are made once.
  if (await unlessGone(client.get(persistentVolumes, { name }))) return
  const storageClass = await unlessGone(client.get(storageClasses, { name: classOf(claim) }))
  if (storageClass?.provisioner !== provisionerName) return
  const failed = (why: string) => {
    const message = `failed to provision volume with StorageClass "${storageClass.metadata.name}": ${why}`
    recorder.event(claim, 'Warning', 'ProvisioningFailed', message)
  }
  const why = unsupported(claim)
  if (why !== undefined) {
    failed(why)
    return
  }
  const what = `"${namespace}/${claim.metadata.name}"`
  recorder.event(claim, 'Normal', 'Provisioning', `External provisioner is provisioning volume for claim ${what}`)
  try {
    const path = await store.create(name)
    await client.create(persistentVolumes, volumeFor(claim, { name, path, nodeName, storageClass }))
    recorder.event(claim, 'Normal', 'ProvisioningSucceeded', `Successfully provisioned volume ${name}`)
  } catch (error) {
    if (isAlreadyExists(error)) return
    failed(error instanceof Error ? error.message : String(error))
    throw error
  }
}

function unsupported({ spec }: PersistentVolumeClaim): string | undefined {
  if (spec.volumeMode === 'Block') return 'block volumes are not supported'
  if (spec.selector) return 'claim Selector is not supported'
  if (spec.dataSource ?? spec.dataSourceRef) return 'volumes with contents from a data source are not supported'
  return undefined
}

interface Made {
  name: string
  path: string
  nodeName: string
  storageClass: StorageClass
}

function volumeFor(
  claim: PersistentVolumeClaim,
  { name, path, nodeName, storageClass }: Made,
): Draft<PersistentVolume> {
  const { namespace = '', name: claimName, uid, resourceVersion = '' } = claim.metadata
  const here = { key: 'kubernetes.io/hostname', operator: 'In', values: [nodeName] }
  const attributes = claim.spec.volumeAttributesClassName
  return {
    metadata: { name, annotations: { [provisionedBy]: provisionerName }, finalizers: [deletionFinalizer] },
    spec: {
      capacity: { storage: requestOf(claim) },
      accessModes: claim.spec.accessModes ?? [],
      volumeMode: 'Filesystem',
      storageClassName: storageClass.metadata.name,
      persistentVolumeReclaimPolicy: storageClass.reclaimPolicy ?? 'Delete',
      ...(storageClass.mountOptions && { mountOptions: storageClass.mountOptions }),
      ...(attributes !== undefined && { volumeAttributesClassName: attributes }),
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name: claimName, uid, resourceVersion },
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [here] }] } },
      local: { path },
    },
  }
}
