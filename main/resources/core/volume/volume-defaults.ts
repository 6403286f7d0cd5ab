import type { PersistentVolumeSpec } from '../../../../shared/api/core.ts'
import { pullPolicyOf } from '../container/container-defaults.ts'
import type { PodVolume } from '../pod/pod-spec.ts'

/** Fills in what a volume leaves out (SetDefaults_Volume and what it contains). */
export function setVolumeDefaults(volume: PodVolume): void {
  if (Object.keys(volume).every(key => key === 'name')) volume.emptyDir = {}
  const { secret, configMap, downwardAPI, projected, hostPath, image, ephemeral } = volume
  for (const source of [secret, configMap, downwardAPI, projected]) if (source) source.defaultMode ??= 0o644
  for (const { fieldRef, resourceFieldRef } of downwardAPI?.items ?? []) setRefDefaults({ fieldRef, resourceFieldRef })
  for (const { serviceAccountToken, downwardAPI: files } of projected?.sources ?? []) {
    if (serviceAccountToken) serviceAccountToken.expirationSeconds ??= 3600
    for (const { fieldRef, resourceFieldRef } of files?.items ?? []) setRefDefaults({ fieldRef, resourceFieldRef })
  }
  if (hostPath) hostPath.type ??= ''
  if (image) image.pullPolicy ||= pullPolicyOf(image.reference ?? '')
  if (ephemeral?.volumeClaimTemplate) {
    const template: Partial<typeof ephemeral.volumeClaimTemplate> = ephemeral.volumeClaimTemplate
    // A struct in Go: required, yet what clients send may lack it.
    const spec = (template.spec ??= {})
    spec.volumeMode ??= 'Filesystem'
  }
  setOldSourceDefaults(volume)
}

interface Refs {
  fieldRef: { apiVersion?: string } | undefined
  resourceFieldRef: { divisor?: string } | undefined
}

function setRefDefaults({ fieldRef, resourceFieldRef }: Refs): void {
  if (fieldRef) fieldRef.apiVersion ||= 'v1'
  if (resourceFieldRef) resourceFieldRef.divisor ||= '0'
}

type OldSources = Pick<PersistentVolumeSpec, 'iscsi' | 'rbd' | 'azureDisk' | 'scaleIO'>

/** Fills in sources that no kubelet serves any more and the API still takes, in pods and PersistentVolumes alike. */
export function setOldSourceDefaults({ iscsi, rbd, azureDisk, scaleIO }: OldSources | PodVolume): void {
  if (iscsi) iscsi.iscsiInterface ||= 'default'
  if (rbd) {
    rbd.pool ||= 'rbd'
    rbd.user ||= 'admin'
    rbd.keyring ||= '/etc/ceph/keyring'
  }
  if (azureDisk) {
    azureDisk.cachingMode ??= 'ReadWrite'
    azureDisk.fsType ??= 'ext4'
    azureDisk.readOnly ??= false
    azureDisk.kind ??= 'Shared'
  }
  if (scaleIO) {
    scaleIO.storageMode ||= 'ThinProvisioned'
    scaleIO.fsType ||= 'xfs'
  }
}
