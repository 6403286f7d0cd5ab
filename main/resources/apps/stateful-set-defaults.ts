import type { StatefulSet } from '../../../shared/api/apps.ts'
import { setResourceDefaults } from '../core/container/container-defaults.ts'
import { setTemplateDefaults } from '../pod-template.ts'

type ClaimTemplate = NonNullable<StatefulSet['spec']['volumeClaimTemplates']>[number]

/** pkg/apis/apps/v1/defaults.go SetDefaults_StatefulSet. */
export function setStatefulSetDefaults(object: StatefulSet): void {
  const spec = ((object as Partial<StatefulSet>).spec ??= {} as StatefulSet['spec'])
  spec.podManagementPolicy ||= 'OrderedReady'
  const strategy = (spec.updateStrategy ??= {})
  if (!strategy.type) {
    strategy.type = 'RollingUpdate'
    strategy.rollingUpdate ??= {}
  }
  if (strategy.type === 'RollingUpdate' && strategy.rollingUpdate) strategy.rollingUpdate.partition ??= 0
  const retention = (spec.persistentVolumeClaimRetentionPolicy ??= {})
  retention.whenDeleted ||= 'Retain'
  retention.whenScaled ||= 'Retain'
  spec.replicas ??= 1
  spec.revisionHistoryLimit ??= 10
  setTemplateDefaults(((spec as Partial<StatefulSet['spec']>).template ??= {}))
  for (const claim of spec.volumeClaimTemplates ?? []) completeClaim(claim)
}

/** Claims in templates say their kind and phase (Convert_apps_StatefulSetSpec_To_v1_StatefulSetSpec, SetDefaults_PersistentVolumeClaim). */
function completeClaim(claim: ClaimTemplate): void {
  claim.apiVersion = 'v1'
  claim.kind = 'PersistentVolumeClaim'
  claim.metadata ??= {}
  claim.spec ??= {}
  claim.spec.volumeMode ??= 'Filesystem'
  claim.spec.resources ??= {}
  setResourceDefaults(claim.spec.resources)
  claim.status ??= {}
  claim.status.phase ||= 'Pending'
}
