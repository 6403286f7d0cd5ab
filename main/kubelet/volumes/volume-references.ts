import type { Pod } from '../../../shared/api/core.ts'
import { claimNameOf } from './persistent-volume-claim.ts'
import { allContainers, ephemeralContainers } from '../pod/pod-records.ts'

/** The ConfigMaps, Secrets and claims whose change must reach a pod, as `configmaps/name`, `secrets/name` and the like. */
export function referencesOf(pod: Pod): Set<string> {
  const found = new Set<string>()
  const configMap = (name?: string) => name && found.add(`configmaps/${name}`)
  const secret = (name?: string) => name && found.add(`secrets/${name}`)
  for (const volume of pod.spec.volumes ?? []) {
    configMap(volume.configMap?.name)
    secret(volume.secret?.secretName)
    const claim = claimNameOf(pod, volume)
    if (claim !== undefined) found.add(`persistentvolumeclaims/${claim}`)
    for (const part of volume.projected?.sources ?? []) {
      configMap(part.configMap?.name)
      secret(part.secret?.name)
    }
  }
  // Variables don't change in a running container, but one may wait for what was missing.
  for (const container of [...allContainers(pod), ...ephemeralContainers(pod)]) {
    for (const source of container.envFrom ?? []) {
      configMap(source.configMapRef?.name)
      secret(source.secretRef?.name)
    }
    for (const { valueFrom } of container.env ?? []) {
      configMap(valueFrom?.configMapKeyRef?.name)
      secret(valueFrom?.secretKeyRef?.name)
    }
  }
  for (const { name } of pod.spec.imagePullSecrets ?? []) secret(name)
  return found
}
