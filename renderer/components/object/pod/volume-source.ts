import { configMaps, persistentVolumeClaims, secrets, type Pod, type Volume } from '../../../../shared/api/core.ts'
import type { ResourceRef } from '../../../../shared/api/ref.ts'
import type { ObjectLink } from '../../../object-link.ts'

/** Where the content of a volume comes from. */
export interface VolumeSource {
  /** As the API spells it: `emptyDir`, `configMap`; a kind where there is a link. */
  type: string
  /** The name, the path, or the size that tell it from others of its type. */
  text: string
  link?: ObjectLink
}

export function volumeSource(volume: Volume, { metadata }: Pick<Pod, 'metadata'>): VolumeSource {
  const to = (ref: ResourceRef, name: string): VolumeSource => ({
    type: ref.kind,
    text: name,
    link: { ref, namespace: metadata.namespace ?? '', name },
  })
  if (volume.configMap?.name) return to(configMaps, volume.configMap.name)
  if (volume.secret?.secretName) return to(secrets, volume.secret.secretName)
  if (volume.persistentVolumeClaim) return to(persistentVolumeClaims, volume.persistentVolumeClaim.claimName)
  // The claim of an ephemeral volume has the names of both (pkg/controller/volume/ephemeral).
  if (volume.ephemeral) return to(persistentVolumeClaims, `${metadata.name}-${volume.name}`)
  if (volume.emptyDir) {
    const { medium, sizeLimit } = volume.emptyDir
    return { type: 'emptyDir', text: [medium, sizeLimit].filter(Boolean).join(', ') }
  }
  if (volume.hostPath) return { type: 'hostPath', text: volume.hostPath.path }
  if (volume.nfs) return { type: 'nfs', text: `${volume.nfs.server}:${volume.nfs.path}` }
  if (volume.image) return { type: 'image', text: volume.image.reference ?? '' }
  if (volume.projected) return { type: 'projected', text: (volume.projected.sources ?? []).map(projected).join(', ') }
  const [type = ''] = Object.keys(volume).filter(key => key !== 'name')
  return { type, text: '' }
}

type Projection = NonNullable<NonNullable<Volume['projected']>['sources']>[number]

function projected({ configMap, secret, serviceAccountToken, downwardAPI }: Projection): string {
  if (configMap) return `configMap ${configMap.name ?? ''}`
  if (secret) return `secret ${secret.name ?? ''}`
  if (serviceAccountToken) return 'serviceAccountToken'
  return downwardAPI ? 'downwardAPI' : 'clusterTrustBundle'
}
