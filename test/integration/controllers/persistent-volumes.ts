import {
  persistentVolumeClaims,
  persistentVolumes,
  type PersistentVolume,
  type PersistentVolumeClaim,
} from '../../../shared/api/core.ts'
import type { Draft } from '../../../shared/api/object.ts'
import { storageClasses, type StorageClass } from '../../../shared/api/storage.ts'
import type { TestCluster } from './start-controllers.ts'

/** A claim for 1 Gi of no class in the namespace default. */
export const claimOf = (
  name: string,
  spec: Partial<PersistentVolumeClaim['spec']> & { size?: string } = {},
): Draft<PersistentVolumeClaim> => {
  const { size = '1Gi', ...rest } = spec
  return {
    metadata: { name, namespace: 'default' },
    spec: { accessModes: ['ReadWriteOnce'], storageClassName: '', resources: { requests: { storage: size } }, ...rest },
  }
}

/** A volume of 1 Gi and no class below /data. */
export const volumeOf = (
  name: string,
  spec: Partial<PersistentVolume['spec']> & { size?: string } = {},
): Draft<PersistentVolume> => {
  const { size = '1Gi', ...rest } = spec
  return {
    metadata: { name },
    spec: { capacity: { storage: size }, accessModes: ['ReadWriteOnce'], hostPath: { path: `/data/${name}` }, ...rest },
  }
}

export const classNamed = (name: string, more: Partial<StorageClass> = {}): Draft<StorageClass> => ({
  metadata: { name },
  provisioner: 'example.com/disks',
  ...more,
})

export const claimKey = (name: string) => ({ namespace: 'default', name })
export const volumeKey = (name: string) => ({ namespace: '', name })

/** Resolves when a claim is in a phase; its volume's name. */
export async function claimIs({ until, informers }: TestCluster, name: string, phase: string) {
  await until(persistentVolumeClaims, lister => lister.get(claimKey(name))?.status?.phase === phase)
  return informers.informer(persistentVolumeClaims).get(claimKey(name))?.spec.volumeName
}

export async function volumeIs({ until, informers }: TestCluster, name: string, phase: string) {
  await until(persistentVolumes, lister => lister.get(volumeKey(name))?.status?.phase === phase)
  return informers.informer(persistentVolumes).get(volumeKey(name))
}

export async function addVolume(cluster: TestCluster, volume: Draft<PersistentVolume>, phase = 'Available') {
  await cluster.client.create(persistentVolumes, volume)
  return volumeIs(cluster, volume.metadata.name ?? '', phase)
}

export const addClaim = ({ client }: TestCluster, claim: Draft<PersistentVolumeClaim>) =>
  client.create(persistentVolumeClaims, claim)

export const addClass = ({ client }: TestCluster, storageClass: Draft<StorageClass>) =>
  client.create(storageClasses, storageClass)
