import type { Pod, Volume } from '../../../shared/api/core.ts'
import { hashValue } from '../../../shared/machinery/hash.ts'
import type { VolumeHost } from '../host.ts'
import { setUpEmptyDir } from './empty-dir.ts'
import { nestedMountPoints } from './nested-mount-points.ts'
import { claimNameOf, mountClaim } from './persistent-volume-claim.ts'
import type { Token } from './service-account-token.ts'
import { unsupported } from './unsupported.ts'
import { filesOf } from './volume-files.ts'
import { MountFaults, NamedMountFault, reasonOf } from './volume-source.ts'
import type { VolumeContext } from './volume-source.ts'

/** Where a pod's volumes are on the engine's host, and when (ms) one must be renewed. */
interface MountedVolumes {
  paths: Map<string, string>
  refreshAt?: number
  /** Texts of FailedMount events about volumes that are there, but can't be brought up to date. */
  stale: string[]
}

/**
 * Sets up and refreshes the volumes of pods. Safe to call as often as one likes: what did not change is not written.
 * Volumes that are images are not made here: what is wrong with one is told of at the containers that mount it.
 */
export interface Volumes {
  /** Throws MountFaults with what is wrong with each volume. */
  mount(pod: Pod, context: Omit<VolumeContext, 'pod'>): Promise<MountedVolumes>
  /** What is in memory may be lost, since the engine's host may have been restarted: the next mount looks again. */
  recheck(): void
  /** Unmounts and removes all of a pod. */
  remove(podUid: string): Promise<void>
}

/** What is known of a volume that was set up in this life of the kubelet. */
interface Known {
  path: string
  /** Whether it is known to be still there. */
  sure: boolean
  /** Of the files written last; undefined for a plain directory. */
  digest?: number
  tokens: Map<string, Token>
  /** The PersistentVolume that it is. */
  persistent?: string
}

export function createVolumes(host: VolumeHost): Volumes {
  const mounted = new Map<string, Map<string, Known>>()

  async function find(volume: Volume, context: VolumeContext): Promise<Pick<Known, 'path' | 'persistent'>> {
    const { uid } = context.pod.metadata
    if (volume.hostPath) return { path: await host.hostPath(volume.hostPath.path, volume.hostPath.type ?? '') }
    if (volume.emptyDir) return { path: await setUpEmptyDir(volume.name, volume.emptyDir, { host, context }) }
    if (volume.nfs) {
      const options = volume.nfs.readOnly ? ['ro'] : []
      return { path: await host.nfs(uid, volume.name, { ...volume.nfs, options }) }
    }
    const claim = claimNameOf(context.pod, volume)
    if (claim === undefined) throw unsupported(volume)
    const isUsed = (name: string) =>
      [...mounted].some(([other, its]) => other !== uid && [...its.values()].some(v => v.persistent === name))
    return mountClaim(volume, claim, { host, context, isUsed })
  }

  async function mountOne(
    volume: Volume,
    known: Known | undefined,
    context: VolumeContext,
  ): Promise<{ known: Known; refreshAt?: number }> {
    const { pod } = context
    const tokens = known?.tokens ?? new Map<string, Token>()
    const projection = await filesOf(volume, tokens, context)
    if (!projection) {
      return { known: known?.sure ? known : { ...(await find(volume, context)), sure: true, tokens } }
    }
    const { files, secret, refreshAt } = projection
    const digest = hashValue(files.map(f => [f.path, f.mode, f.user ?? 0, Buffer.from(f.data).toString('base64')]))
    const group = pod.spec.securityContext?.fsGroup
    const options = { secret, nested: nestedMountPoints(pod, volume.name), ...(group !== undefined && { group }) }
    const path =
      known?.sure && known.digest === digest
        ? known.path
        : await host.project(pod.metadata.uid, volume.name, files, options)
    return { known: { path, sure: true, digest, tokens }, ...(refreshAt !== undefined && { refreshAt }) }
  }

  return {
    async mount(pod, rest) {
      const context = { ...rest, pod }
      const ofPod = mounted.get(pod.metadata.uid) ?? new Map<string, Known>()
      mounted.set(pod.metadata.uid, ofPod)
      const renewals: number[] = []
      const stale: string[] = []
      const faults: string[] = []
      for (const volume of (pod.spec.volumes ?? []).filter(({ image }) => !image)) {
        const before = ofPod.get(volume.name)
        try {
          const { known, refreshAt } = await mountOne(volume, before, context)
          ofPod.set(volume.name, known)
          if (refreshAt !== undefined) renewals.push(refreshAt)
        } catch (error) {
          const list = before?.sure ? stale : faults
          list.push(faultText(volume.name, error))
        }
      }
      if (faults.length > 0) throw new MountFaults([...faults, ...stale])
      const paths = new Map([...ofPod].map(([name, { path }]) => [name, path]))
      return { paths, stale, ...(renewals.length > 0 && { refreshAt: Math.min(...renewals) }) }
    },
    recheck() {
      for (const known of [...mounted.values()].flatMap(ofPod => [...ofPod.values()])) known.sure = false
    },
    async remove(podUid) {
      await host.removePod(podUid)
      mounted.delete(podUid)
    },
  }
}

const faultText = (volume: string, error: unknown) =>
  error instanceof NamedMountFault
    ? error.message
    : `MountVolume.SetUp failed for volume "${volume}" : ${reasonOf(error)}`
