import type { PodSpec } from '../../../../shared/api/core.ts'
import { containersOf } from './pod-spec.ts'

/**
 * Drops what v1.36 only knows behind feature gates that are off by default (pkg/api/pod DropDisabledPodFields):
 * ContainerStopSignals, ClusterTrustBundleProjection, PodCertificateRequest, GenericWorkload.
 */
export function dropDisabledFields(spec: PodSpec): void {
  delete spec.schedulingGroup
  for (const { container } of containersOf(spec)) delete container.lifecycle?.stopSignal
  for (const source of (spec.volumes ?? []).flatMap(volume => volume.projected?.sources ?? [])) {
    delete source.clusterTrustBundle
    delete source.podCertificate
  }
}
