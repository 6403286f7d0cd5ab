import type { Pod } from '../../../shared/api/core.ts'
import { referencesOf } from '../volumes/volume-references.ts'

/** What a pod needs of the API, which no static pod may (pkg/api/pod/util.go, HasAPIObjectReference); undefined: nothing. */
export function apiReference(pod: Pod): string | undefined {
  const { serviceAccountName, serviceAccount, resourceClaims = [], volumes } = pod.spec
  if (serviceAccountName || serviceAccount) return 'serviceaccounts'
  const references = [...referencesOf(pod)]
  const named = ['secrets', 'configmaps'].find(kind => references.some(each => each.startsWith(`${kind}/`)))
  if (named !== undefined) return named
  if (resourceClaims.length > 0) return 'resourceclaims'
  return volumes?.map(ofVolume).find(reference => reference !== undefined)
}

function ofVolume(volume: NonNullable<Pod['spec']['volumes']>[number]): string | undefined {
  if (volume.csi) return 'csidrivers (via CSI volumes)'
  if (volume.glusterfs) return 'endpoints (via glusterFS volumes)'
  if (volume.persistentVolumeClaim) return 'persistentvolumeclaims'
  if (volume.ephemeral) return 'persistentvolumeclaims (via ephemeral volumes)'
  if (volume.azureFile) return 'secrets (via azureFile volumes)'
  for (const source of volume.projected?.sources ?? []) {
    if (source.serviceAccountToken) return 'serviceaccounts (via projected volumes)'
    if (source.clusterTrustBundle) return 'clustertrustbundles'
    if (source.podCertificate) return 'podcertificates'
  }
  return undefined
}
