import type { Pod, Volume } from '../../../shared/api/core.ts'
import { hashValue } from '../../../shared/machinery/hash.ts'
import type { VolumeHost } from '../host.ts'
import { valueOf } from '../quantities.ts'
import { configMapFiles } from './config-map.ts'
import { downwardApiFiles } from './downward-api.ts'
import { claimNameOf, mountClaim } from './persistent-volume-claim.ts'
import { projection } from './projected.ts'
import { secretFiles } from './secret.ts'
import { requestToken } from './service-account-token.ts'
import type { Token } from './service-account-token.ts'
import { MountFault } from './volume-source.ts'
import type { Projection, VolumeContext } from './volume-source.ts'

/** Where a pod's volumes are on the engine's host, and when (ms) one must be renewed. */
interface MountedVolumes {
  paths: Map<string, string>
  refreshAt?: number
}

/** Sets up and refreshes the volumes of pods. Safe to call as often as one likes: what did not change is not written. */
export interface Volumes {
  /** Throws MountFault with the text of the FailedMount event. */
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
}

export function createVolumes(host: VolumeHost): Volumes {
  const mounted = new Map<string, Map<string, Known>>()

  async function mountOne(
    volume: Volume,
    known: Known | undefined,
    context: VolumeContext,
  ): Promise<{ known: Known; refreshAt?: number }> {
    const uid = context.pod.metadata.uid
    const fsGroup = context.pod.spec.securityContext?.fsGroup
    const group = fsGroup === undefined ? {} : { group: fsGroup }
    const tokens = known?.tokens ?? new Map<string, Token>()
    if (volume.hostPath) {
      const { path, type = '' } = volume.hostPath
      const at = known?.sure ? known.path : await host.hostPath(path, type)
      return { known: { path: at, sure: true, tokens } }
    }
    if (volume.emptyDir) {
      const inMemory = volume.emptyDir.medium === 'Memory'
      const tmpfs = inMemory ? { tmpfs: { sizeLimit: valueOf(volume.emptyDir.sizeLimit) } } : {}
      if (known?.sure) return { known }
      return { known: { path: await host.directory(uid, volume.name, { ...tmpfs, ...group }), sure: true, tokens } }
    }
    const claim = claimNameOf(context.pod, volume)
    if (claim !== undefined) {
      const path = known?.sure ? known.path : await mountClaim(volume, claim, { host, context })
      return { known: { path, sure: true, tokens } }
    }
    const { files, secret, refreshAt } = await filesOf(volume, tokens, context)
    const digest = hashValue(files.map(f => [f.path, f.mode, f.user ?? 0, Buffer.from(f.data).toString('base64')]))
    const path =
      known?.sure && known.digest === digest
        ? known.path
        : await host.project(uid, volume.name, files, { secret, ...group })
    return { known: { path, sure: true, digest, tokens }, ...(refreshAt !== undefined && { refreshAt }) }
  }

  return {
    async mount(pod, rest) {
      const context = { ...rest, pod }
      const ofPod = mounted.get(pod.metadata.uid) ?? new Map<string, Known>()
      mounted.set(pod.metadata.uid, ofPod)
      const renewals: number[] = []
      for (const volume of pod.spec.volumes ?? []) {
        const { known, refreshAt } = await mountOne(volume, ofPod.get(volume.name), context).catch((e: unknown) => {
          // That of a claim says it all.
          if (claimNameOf(pod, volume) !== undefined) throw e
          const message = e instanceof Error ? e.message : String(e)
          throw new MountFault(`MountVolume.SetUp failed for volume "${volume.name}" : ${message}`)
        })
        ofPod.set(volume.name, known)
        if (refreshAt !== undefined) renewals.push(refreshAt)
      }
      const paths = new Map([...ofPod].map(([name, { path }]) => [name, path]))
      return { paths, ...(renewals.length > 0 && { refreshAt: Math.min(...renewals) }) }
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

async function filesOf(volume: Volume, tokens: Map<string, Token>, context: VolumeContext): Promise<Projection> {
  const { configMap, secret, downwardAPI, projected } = volume
  if (configMap) {
    return { files: await configMapFiles(configMap, configMap.defaultMode ?? 0o644, context), secret: false }
  }
  if (secret) {
    const source = { ...secret, name: secret.secretName ?? '' }
    return { files: await secretFiles(source, secret.defaultMode ?? 0o644, context), secret: true }
  }
  if (downwardAPI) {
    return {
      files: downwardApiFiles(downwardAPI.items ?? [], downwardAPI.defaultMode ?? 0o644, context),
      secret: false,
    }
  }
  if (projected) {
    return projection(
      projected,
      async part => {
        const old = tokens.get(part.path)
        if (old && context.clock.now() < old.refreshAt) return old
        const token = await requestToken(part, context)
        tokens.set(part.path, token)
        return token
      },
      context,
    )
  }
  if (volume.csi)
    throw new MountFault(
      `kubernetes.io/csi: mounter.SetUpAt failed to get CSI client: driver name ${volume.csi.driver} not found in the list of registered CSI drivers`,
    )
  if (volume.gitRepo)
    throw new MountFault(
      'git-repo volume plugin has been disabled; if necessary, it may be re-enabled by enabling the feature-gate `GitRepoVolumeDriver`',
    )
  const type = Object.keys(volume).find(key => key !== 'name') ?? 'nothing'
  throw new MountFault(`volumes of type ${type} are not supported`)
}
