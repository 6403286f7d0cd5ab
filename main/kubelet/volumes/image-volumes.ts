import type { Container, Pod } from '../../../shared/api/core.ts'
import type { VolumeHost } from '../host.ts'
import type { Images } from '../images/images.ts'

interface Parts {
  images: Images
  host: VolumeHost
}

/**
 * Host paths of the images that a container mounts, by volume (KEP-4639; kuberuntime_manager.go, getImageVolumes). All are
 * pulled before the last failure is thrown, a WaitingFault as of the container's own image.
 */
export async function imageVolumes(
  pod: Pod,
  container: Container,
  { images, host, ...options }: Parts & Parameters<Images['ensure']>[2],
): Promise<Map<string, string>> {
  const mounted = new Set((container.volumeMounts ?? []).map(({ name }) => name))
  const paths = new Map<string, string>()
  let failure: { error: unknown } | undefined
  for (const { name, image } of pod.spec.volumes ?? []) {
    if (!image || !mounted.has(name)) continue
    const wanted = {
      image: image.reference ?? '',
      ...(image.pullPolicy !== undefined && { imagePullPolicy: image.pullPolicy }),
    }
    try {
      const { id } = await images.ensure(pod, wanted, options)
      paths.set(name, await host.image(pod.metadata.uid, name, id))
    } catch (error) {
      if (options.signal.aborted) throw error
      failure = { error }
    }
  }
  if (failure) throw failure.error
  return paths
}
