import type { Node, Pod } from '../../../shared/api/core.ts'
import type { Plugin } from '../plugin.ts'

const megabyte = 1024 * 1024
const least = 23 * megabyte
const mostPerContainer = 1000 * megabyte

/**
 * Bytes of the pod's images that the node has; an image on few nodes counts less, or everything would go there
 * (imagelocality/image_locality.go).
 */
export const imageLocality: Plugin = {
  name: 'ImageLocality',
  score: {
    weight: 1,
    of({ pod }, infos, { infos: all }) {
      const wanted = imagesOf(pod).map(normalized)
      const total = all.list().length
      const known = wanted.map(image => [image, all.nodesWithImage(image) / total] as const).filter(([, on]) => on > 0)
      if (known.length === 0) return undefined // nought for all of them
      const containers = pod.spec.containers.length + (pod.spec.initContainers?.length ?? 0)
      const most = mostPerContainer * containers
      return infos.map(({ node }) => {
        const sizes = imageSizes(node)
        const bytes = known.reduce((sum, [image, spread]) => sum + Math.trunc((sizes.get(image) ?? 0) * spread), 0)
        return Math.trunc((100 * (Math.min(Math.max(bytes, least), most) - least)) / (most - least))
      })
    },
  },
}

const imagesOf = ({ spec }: Pod) => [
  ...[...(spec.initContainers ?? []), ...spec.containers].map(container => container.image ?? ''),
  ...(spec.volumes ?? []).flatMap(volume => volume.image?.reference ?? []),
]

/** A name without a tag means `latest`. */
const normalized = (name: string) => (name.lastIndexOf(':') <= name.lastIndexOf('/') ? `${name}:latest` : name)

const parsed = new WeakMap<Node, Map<string, number>>()

function imageSizes(node: Node): Map<string, number> {
  let sizes = parsed.get(node)
  if (!sizes) {
    const images = node.status?.images ?? []
    sizes = new Map(images.flatMap(({ names = [], sizeBytes = 0 }) => names.map(name => [name, sizeBytes] as const)))
    parsed.set(node, sizes)
  }
  return sizes
}
