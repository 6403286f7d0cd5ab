import type { PersistentVolume, Volume } from '../../../shared/api/core.ts'
import { MountFault, notProcessed } from './volume-source.ts'

/** The CSI drivers that v1.36 asks for in place of the plugins it once had (k8s.io/csi-translation-lib). */
const migrated: Record<string, string> = {
  awsElasticBlockStore: 'ebs.csi.aws.com',
  azureDisk: 'disk.csi.azure.com',
  azureFile: 'file.csi.azure.com',
  cinder: 'cinder.csi.openstack.org',
  gcePersistentDisk: 'pd.csi.storage.gke.io',
  portworxVolume: 'pxd.portworx.com',
  vsphereVolume: 'csi.vsphere.vmware.com',
}

/**
 * Why a volume of a pod, or its PersistentVolume, can't be mounted, in v1.36's words where it can't mount it either: no CSI
 * driver registers with a kubelet that runs outside of the engine's machine. Of other kinds v1.36 has no plugin any more.
 */
export function unsupported(volume: Volume, persistent?: PersistentVolume): MountFault {
  const source: object = persistent?.spec ?? volume
  const name = persistent?.metadata.name ?? volume.name
  const driver =
    persistent?.spec.csi?.driver ??
    volume.csi?.driver ??
    migrated[Object.keys(migrated).find(kind => kind in source) ?? '']
  if (driver !== undefined)
    return new MountFault(
      `kubernetes.io/csi: mounter.SetUpAt failed to get CSI client: driver name ${driver} not found in the list of registered CSI drivers`,
    )
  if ('gitRepo' in source)
    return new MountFault(
      'git-repo volume plugin has been disabled; if necessary, it may be re-enabled by enabling the feature-gate `GitRepoVolumeDriver`',
    )
  for (const kind of ['iscsi', 'fc'])
    if (kind in source)
      return new MountFault(`volumes of type ${kind} are not supported: containers of the engine get no block devices`)
  return notProcessed(
    volume.name,
    `failed to get Plugin from volumeSpec for volume "${name}" err=no volume plugin matched`,
  )
}
