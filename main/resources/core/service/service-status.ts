import type { Service } from '../../../../shared/api/core.ts'
import type { StatusCause } from '../../../../shared/api/object.ts'
import { child, forbidden, index, invalid, required } from '../../../../shared/machinery/field-errors.ts'
import { parseIp } from '../../../../shared/machinery/ip.ts'
import { isDns1123Subdomain } from '../../../../shared/machinery/names.ts'
import { invalidFor, oneOf } from '../../faults.ts'
import { validateIp } from '../../ip-faults.ts'

type Ingress = NonNullable<NonNullable<NonNullable<Service['status']>['loadBalancer']>['ingress']>[number]

const path = 'status.loadBalancer.ingress'

/** What is wrong with the addresses of a load balancer (ValidateLoadBalancerStatus). */
export function validateServiceStatus(object: Service, old: Service): StatusCause[] {
  const ingresses = object.status?.loadBalancer?.ingress ?? []
  if (object.spec.type !== 'LoadBalancer') {
    return ingresses.length > 0 ? [forbidden(path, "may only be used when `spec.type` is 'LoadBalancer'")] : []
  }
  const known = (old.status?.loadBalancer?.ingress ?? []).map(({ ip }) => ip)
  return ingresses.flatMap((ingress, i) => [
    ...(ingress.ip && !known.includes(ingress.ip) ? validateIp(child(index(path, i), 'ip'), ingress.ip) : []),
    ...validateMode(ingress, child(index(path, i), 'ipMode')),
    ...validateHostname(ingress.hostname ?? '', child(index(path, i), 'hostname')),
  ])
}

function validateMode({ ip, ipMode }: Ingress, modePath: string): StatusCause[] {
  if (ipMode === undefined) return ip ? [required(modePath, 'must be specified when `ip` is set')] : []
  if (!ip) return [forbidden(modePath, 'may not be specified when `ip` is not set')]
  return oneOf(modePath, ipMode, ['Proxy', 'VIP'])
}

function validateHostname(hostname: string, hostnamePath: string): StatusCause[] {
  if (hostname === '') return []
  const faults = invalidFor(hostnamePath, hostname, isDns1123Subdomain(hostname))
  const address = invalid(hostnamePath, hostname, 'must be a DNS name, not an IP address')
  return parseIp(hostname) ? [...faults, address] : faults
}
