import { nodes, persistentVolumeClaims, persistentVolumes } from '../../../shared/api/core.ts'
import type { PersistentVolume, PersistentVolumeClaim, Pod, Volume } from '../../../shared/api/core.ts'
import { controllerOf } from '../../../shared/client/watches.ts'
import { matchesTerms } from '../../../shared/machinery/node-selector.ts'
import { ephemeralClaimName } from '../../../shared/machinery/persistent-volumes.ts'
import type { VolumeHost } from '../host.ts'
import { allContainers } from '../pod/pod-records.ts'
import { mountOptionsOf, setUp, takesMountOptions } from './persistent-volume.ts'
import { MountFault, NamedMountFault, notProcessed, reasonOf } from './volume-source.ts'
import type { VolumeContext } from './volume-source.ts'

/** The claim that a pod's volume uses, one that was made for the pod too; undefined for volumes of other kinds. */
export function claimNameOf(pod: Pod, volume: Volume): string | undefined {
  return volume.persistentVolumeClaim?.claimName ?? (volume.ephemeral ? ephemeralClaimName(pod, volume) : undefined)
}

interface Mounting {
  host: VolumeHost
  context: VolumeContext
  /** Whether another pod of the node has this PersistentVolume mounted. */
  isUsed: (persistentVolume: string) => boolean
}

/**
 * Makes the volume that a pod's claim is bound to ready and returns its path on the engine's host, with its name
 * (desired_state_of_world_populator.go createVolumeSpec, operation_generator.go GenerateMountVolumeFunc). Throws MountFault.
 */
export async function mountClaim(
  volume: Volume & { name: string },
  claimName: string,
  { host, context, isUsed }: Mounting,
): Promise<{ path: string; persistent: string }> {
  const persistent = await volumeOf(volume, claimName, context).catch((e: unknown) => {
    throw notProcessed(volume.name, reasonOf(e))
  })
  const { name } = persistent.metadata
  const failed = (step: string, why: string) => new NamedMountFault(`MountVolume.${step} for volume "${name}" : ${why}`)
  if (!(await isReachable(persistent, context)))
    throw failed('NodeAffinity check failed', 'no matching NodeSelectorTerms')
  if (mountOptionsOf(persistent).length > 0 && !takesMountOptions(persistent))
    throw failed('MountOptionSupport check failed', 'mount options are not supported for this volume type')
  if (persistent.spec.accessModes?.join() === 'ReadWriteOncePod' && isUsed(name))
    throw failed('SetUp failed', 'volume uses the ReadWriteOncePod access mode and is already in use by another pod')
  try {
    return { path: await setUp(volume, persistent, { pod: context.pod, host }), persistent: name }
  } catch (e) {
    throw e instanceof NamedMountFault ? e : failed('SetUp failed', reasonOf(e))
  }
}

async function volumeOf(volume: Volume, claimName: string, { pod, read }: VolumeContext): Promise<PersistentVolume> {
  const { namespace = '' } = pod.metadata
  const fault = (why: string) => new MountFault(`error processing PVC ${namespace}/${claimName}: ${why}`)
  const claim = await read.find(persistentVolumeClaims, { namespace, name: claimName })
  if (!claim) throw fault(`failed to fetch PVC from API server: persistentvolumeclaims "${claimName}" not found`)
  const why = unusable(claim)
  if (why !== undefined) throw fault(why)
  if (volume.ephemeral && controllerOf(claim)?.uid !== pod.metadata.uid) {
    const owner = `${namespace}/${pod.metadata.name}`
    throw new MountFault(`PVC ${namespace}/${claimName} was not created for pod ${owner} (pod is not owner)`)
  }
  const name = claim.spec.volumeName ?? ''
  const persistent = await read.find(persistentVolumes, { namespace: '', name })
  if (!persistent) throw fault(`failed to fetch PV ${name} from API server: persistentvolumes "${name}" not found`)
  const uid = persistent.spec.claimRef?.uid ?? ''
  if (!persistent.spec.claimRef)
    throw fault(`found PV object ${name} but it has a nil pv.Spec.ClaimRef indicating it is not yet bound to the claim`)
  if (uid !== claim.metadata.uid)
    throw fault(
      `found PV object ${name} but its pv.Spec.ClaimRef.UID ${uid} does not point to claim.UID ${claim.metadata.uid}`,
    )
  checkMode(volume.name, persistent, pod)
  return persistent
}

/** Where the pod was put is the scheduler's affair, unless its user said it. */
async function isReachable({ spec }: PersistentVolume, { facts, read }: VolumeContext): Promise<boolean> {
  const required = spec.nodeAffinity?.required
  if (!required) return true
  const node = await read.find(nodes, { namespace: '', name: facts.nodeName })
  return node !== undefined && matchesTerms(required.nodeSelectorTerms, node)
}

function unusable({ metadata, spec, status }: PersistentVolumeClaim): string | undefined {
  const isProtected = metadata.finalizers?.includes('kubernetes.io/pvc-protection')
  if (metadata.deletionTimestamp && !isProtected) return 'PVC is being deleted'
  if (status?.phase !== 'Bound') return 'PVC is not bound'
  return spec.volumeName ? undefined : 'PVC has empty pvc.Spec.VolumeName'
}

/** A file system is mounted, a block device handed over; containers must ask for what it is. */
function checkMode(name: string, { spec }: PersistentVolume, pod: Pod): void {
  const mode = spec.volumeMode ?? 'Filesystem'
  const containers = allContainers(pod)
  const mounts = containers.some(c => c.volumeMounts?.some(mount => mount.name === name))
  const devices = containers.some(c => c.volumeDevices?.some(device => device.name === name))
  const text = `volume ${name} has volumeMode ${mode}, but is specified in`
  if (mounts && mode !== 'Filesystem') throw new MountFault(`${text} volumeMounts`)
  if (devices && mode !== 'Block') throw new MountFault(`${text} volumeDevices`)
}
