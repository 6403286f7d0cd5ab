import type { Service } from '../../../shared/api/core.ts'
import { cidrWarnings, ipWarnings } from './addresses.ts'

const oldHints = 'service.kubernetes.io/topology-aware-hints'

/** pkg/api/service GetWarningsForService. */
export function serviceWarnings({ metadata, spec }: Service): string[] {
  const { externalIPs = [], loadBalancerIP, type, clusterIP, clusterIPs = [] } = spec
  const isHeadless = type === 'ClusterIP' && clusterIP === 'None'
  const isExternalName = type === 'ExternalName'
  const warnings: string[] = []
  if (metadata.annotations?.[oldHints] !== undefined) {
    warnings.push(`annotation ${oldHints} is deprecated, please use service.kubernetes.io/topology-mode instead`)
  }
  if (clusterIP && clusterIP !== 'None') {
    warnings.push(...clusterIPs.flatMap((ip, i) => ipWarnings(`spec.clusterIPs[${i}]`, ip)))
  }
  if (isHeadless) {
    if (loadBalancerIP) warnings.push('spec.loadBalancerIP is ignored for headless services')
    if (externalIPs.length > 0) warnings.push('spec.externalIPs is ignored for headless services')
    if (spec.sessionAffinity !== 'None') warnings.push('spec.SessionAffinity is ignored for headless services')
  }
  warnings.push(...externalIPs.flatMap((ip, i) => ipWarnings(`spec.externalIPs[${i}]`, ip)))
  if (externalIPs.length > 0 && !isHeadless && !isExternalName) {
    warnings.push('spec.externalIPs is deprecated and may no longer be implemented in some clusters')
  }
  if (loadBalancerIP) warnings.push(...ipWarnings('spec.loadBalancerIP', loadBalancerIP))
  const ranges = spec.loadBalancerSourceRanges ?? []
  warnings.push(...ranges.flatMap((range, i) => cidrWarnings(`spec.loadBalancerSourceRanges[${i}]`, range)))
  if (isExternalName && externalIPs.length > 0) {
    warnings.push('spec.externalIPs is ignored when spec.type is "ExternalName"')
  }
  if (!isExternalName && spec.externalName) {
    warnings.push('spec.externalName is ignored when spec.type is not "ExternalName"')
  }
  if (spec.trafficDistribution === 'PreferClose') {
    warnings.push('spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"')
  }
  return warnings
}
