import type { Service } from '../../../shared/api/core.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { index, invalid } from '../../../shared/machinery/field-errors.ts'
import { keepNodePorts } from './node-ports.ts'

type ServiceSpec = Service['spec']

/** An ExternalName is an alias; every other type has a cluster IP, or `None` in its place. */
export function needsClusterIp({ type }: ServiceSpec): boolean {
  return type !== 'ExternalName'
}

/** A client that leaves out what the server has given keeps it (patchAllocatedValues). */
export function keepAllocated({ spec }: Service, { spec: before }: Service): void {
  keepNodePorts(spec, before)
  if (!needsClusterIp(spec) || !needsClusterIp(before)) return
  if (spec.clusterIP || (spec.clusterIPs ?? []).length > 0) return
  if (before.clusterIP) spec.clusterIP = before.clusterIP
  if (before.clusterIPs) spec.clusterIPs = [...before.clusterIPs]
}

/** Makes `clusterIP` and `clusterIPs` say the same (registry/core/service/strategy, NormalizeClusterIPs). */
export function normaliseAddresses({ spec }: Service, before: Service | undefined): void {
  if (!needsClusterIp(spec)) return
  if (!before) {
    if (spec.clusterIP && (spec.clusterIPs ?? []).length === 0) spec.clusterIPs = [spec.clusterIP]
    else if (!spec.clusterIP && spec.clusterIPs?.[0]) spec.clusterIP = spec.clusterIPs[0]
    return
  }
  const same = (spec.clusterIPs ?? []).join() === (before.spec.clusterIPs ?? []).join()
  // Clients that know only the older field change that one alone.
  if (spec.clusterIP !== before.spec.clusterIP && same) spec.clusterIPs = spec.clusterIP ? [spec.clusterIP] : []
  else if (spec.clusterIP && (spec.clusterIPs ?? []).length === 0) spec.clusterIPs = [spec.clusterIP]
}

/** IPv4 is the only family there is (KEP-563 on a single-stack cluster). */
export function setFamilies({ spec }: Service): StatusCause[] {
  if (!needsClusterIp(spec)) return []
  const causes: StatusCause[] = []
  const headlessForAnyone = spec.clusterIPs?.[0] === 'None' && Object.keys(spec.selector ?? {}).length === 0
  if (spec.ipFamilyPolicy === 'RequireDualStack' && !headlessForAnyone) {
    causes.push(
      invalid('spec.ipFamilyPolicy', spec.ipFamilyPolicy, 'this cluster is not configured for dual-stack services'),
    )
  }
  spec.ipFamilies?.forEach((family, at) => {
    if (family === 'IPv6' && !headlessForAnyone) {
      causes.push(invalid(index('spec.ipFamilies', at), family, 'not configured on this cluster'))
    }
  })
  spec.ipFamilyPolicy ??= 'SingleStack'
  if ((spec.ipFamilies ?? []).length === 0) spec.ipFamilies = ['IPv4']
  return causes
}
