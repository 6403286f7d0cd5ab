import type { PersistentVolume, Pod, Volume } from '../../../shared/api/core.ts'
import type { VolumeHost } from '../host.ts'
import { unsupported } from './unsupported.ts'
import { MountFault } from './volume-source.ts'

/** Where mount options stood before `spec.mountOptions` did. */
const mountOptionsAnnotation = 'volume.beta.kubernetes.io/mount-options'

/** A volume's mount options, of the annotation if it has one (pkg/volume/util, MountOptionFromSpec). */
export function mountOptionsOf({ metadata, spec }: PersistentVolume): string[] {
  const annotated = metadata.annotations?.[mountOptionsAnnotation]
  return annotated === undefined ? (spec.mountOptions ?? []) : annotated.split(',').filter(option => option !== '')
}

/** Whether options mean anything for a volume of this kind (each plugin's SupportsMountOption). */
export const takesMountOptions = ({ spec }: PersistentVolume): boolean => !spec.hostPath && !spec.flexVolume

/** Makes a PersistentVolume ready for a pod, as its volume of that name; returns its path on the engine's host. Throws MountFault. */
export async function setUp(
  volume: Volume,
  persistent: PersistentVolume,
  { pod, host }: { pod: Pod; host: VolumeHost },
): Promise<string> {
  const { spec } = persistent
  const readOnly = volume.persistentVolumeClaim?.readOnly ?? false
  if (spec.volumeMode === 'Block')
    throw new MountFault('block volumes are not supported: containers of the engine get none')
  if (spec.hostPath) return host.hostPath(spec.hostPath.path, spec.hostPath.type ?? '')
  const options = [...mountOptionsOf(persistent), ...(readOnly || spec.nfs?.readOnly ? ['ro'] : [])]
  const podUid = pod.metadata.uid
  if (spec.nfs) return host.nfs(podUid, volume.name, { ...spec.nfs, options })
  if (!spec.local) throw unsupported(volume, persistent)
  const { fsGroup, fsGroupChangePolicy } = pod.spec.securityContext ?? {}
  const always = fsGroupChangePolicy !== 'OnRootMismatch'
  const group = fsGroup === undefined || readOnly ? undefined : { id: fsGroup, always }
  return host.localPath(spec.local.path, {
    ...(group && { group }),
    ...(mountOptionsOf(persistent).length > 0 && { bound: { podUid, volume: volume.name, options } }),
  })
}
