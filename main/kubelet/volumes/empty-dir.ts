import type { Volume } from '../../../shared/api/core.ts'
import { aggregateResources } from '../../../shared/machinery/pod-resources.ts'
import type { VolumeHost } from '../host.ts'
import { valueOf } from '../resources/quantities.ts'
import { MountFault } from './volume-source.ts'
import type { VolumeContext } from './volume-source.ts'

/** Makes an emptyDir and returns its path on the engine's host (pkg/volume/emptydir, SetUpAt). Throws MountFault. */
export async function setUpEmptyDir(
  name: string,
  { medium = '', sizeLimit }: NonNullable<Volume['emptyDir']>,
  { host, context }: { host: VolumeHost; context: VolumeContext },
): Promise<string> {
  const { metadata, spec } = context.pod
  const group = spec.securityContext?.fsGroup
  const owned = group === undefined ? {} : { group }
  if (medium === '') return host.directory(metadata.uid, name, owned)
  if (medium === 'Memory')
    return host.directory(metadata.uid, name, { tmpfs: { sizeLimit: sizeInMemory(sizeLimit, context) }, ...owned })
  throw new MountFault(
    medium.startsWith('HugePages')
      ? `medium ${medium}: huge pages are not supported: containers of the engine get none`
      : `unknown storage medium "${medium}"`,
  )
}

/**
 * Bytes that a volume in memory may take: no more than the pod, and the pod no more than the node (KEP-1967,
 * calculateEmptyDirMemorySize). A pod has a limit if all its containers do, or if it says so for all of them.
 */
function sizeInMemory(sizeLimit: string | undefined, { pod, facts }: VolumeContext): number {
  const { spec } = pod
  const all = [...spec.containers, ...(spec.initContainers ?? [])]
  const isLimited = all.every(({ resources }) => valueOf(resources?.limits?.['memory']) > 0)
  const ofPod =
    spec.resources?.limits?.['memory'] ?? (isLimited ? aggregateResources(spec, 'limits')['memory'] : undefined)
  const bounds = [facts.allocatable['memory'], ofPod, sizeLimit].map(valueOf).filter(bytes => bytes > 0)
  return bounds.length > 0 ? Math.min(...bounds) : 0
}
