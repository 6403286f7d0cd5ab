import type { Container, Pod, PodSpec } from '../../../../shared/api/core.ts'
import { setContainerDefaults, setResourceDefaults } from '../container/container-defaults.ts'
import { defaultPodResources } from './pod-resources.ts'
import { containersOf } from './pod-spec.ts'
import { setVolumeDefaults } from '../volume/volume-defaults.ts'

/** What pods and pod templates leave out alike (pkg/apis/core/v1/defaults.go SetDefaults_PodSpec). */
export function setPodSpecDefaults(spec: PodSpec): void {
  spec.dnsPolicy ||= 'ClusterFirst'
  spec.restartPolicy ||= 'Always'
  spec.securityContext ??= {}
  spec.terminationGracePeriodSeconds ??= 30
  spec.schedulerName ||= 'default-scheduler'
  syncServiceAccount(spec)
  if (spec.affinity) completeAffinity(spec.affinity)
  for (const volume of spec.volumes ?? []) setVolumeDefaults(volume)
  for (const { container } of containersOf(spec)) setContainerDefaults(container)
  if (spec.resources) setResourceDefaults(spec.resources)
}

/** Structs in Go, so never absent there: required, yet what clients send may lack them. */
function completeAffinity({ nodeAffinity, podAffinity, podAntiAffinity }: NonNullable<PodSpec['affinity']>): void {
  for (const term of nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []) {
    ;(term as Partial<typeof term>).preference ??= {}
  }
  for (const affinity of [podAffinity, podAntiAffinity]) {
    for (const term of affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []) {
      ;(term as Partial<typeof term>).podAffinityTerm ??= { topologyKey: '' }
    }
  }
}

/** The old name of the field and the new one always say the same (Convert_v1_PodSpec_To_core_PodSpec). */
export function syncServiceAccount(spec: PodSpec): void {
  const name = spec.serviceAccountName || spec.serviceAccount
  if (!name) return
  spec.serviceAccountName = name
  spec.serviceAccount = name
}

/** What only pods leave out, not templates (SetDefaults_Pod). */
export function setPodDefaults(object: Pod): void {
  const spec = ((object as Partial<Pod>).spec ??= { containers: [] })
  setPodSpecDefaults(spec)
  // Negative ones mean at once (Convert_v1_Pod_To_core_Pod).
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0) spec.terminationGracePeriodSeconds = 1
  for (const container of [...spec.containers, ...(spec.initContainers ?? [])]) requestLimits(container)
  defaultPodResources(spec)
  spec.enableServiceLinks ??= true
  if (!spec.hostNetwork) return
  for (const { ports = [] } of [...spec.containers, ...(spec.initContainers ?? [])]) {
    for (const port of ports) port.hostPort ||= port.containerPort
  }
}

/** A limit without a request is a request too. */
function requestLimits({ resources }: Container): void {
  if (!resources?.limits) return
  resources.requests = { ...resources.limits, ...resources.requests }
}
