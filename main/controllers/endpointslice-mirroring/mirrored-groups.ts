import type { Endpoints } from '../../../shared/api/core.ts'
import type { EndpointSlice } from '../../../shared/api/discovery.ts'
import { formatIp, parseIp } from '../../../shared/machinery/ip.ts'
import { repackSubsets, type Repacked } from './repack-subsets.ts'

type Endpoint = NonNullable<EndpointSlice['endpoints']>[number]

/** What one slice shall hold. */
export interface MirroredGroup {
  addressType: 'IPv4' | 'IPv6'
  ports: NonNullable<EndpointSlice['ports']>
  endpoints: Endpoint[]
}

/** Addresses of one subset that are mirrored at most (--mirroring-max-endpoints-per-subset): one slice takes them. */
export const capacity = 1000

/** The slices that say what an Endpoints object says, by set of ports and family, and how many addresses they leave out. */
export function mirroredGroups({ subsets = [] }: Endpoints): { groups: MirroredGroup[]; skipped: number } {
  const repacked = repackSubsets(subsets)
  return {
    groups: repacked.flatMap(groupsOf),
    skipped: repacked.reduce((sum, { addresses }) => sum + Math.max(0, addresses.length - capacity), 0),
  }
}

function groupsOf({ ports, addresses }: Repacked): MirroredGroup[] {
  const endpoints = addresses.slice(0, capacity).map(toEndpoint)
  const copied = ports.map(({ name = '', port, protocol = 'TCP', appProtocol }) => ({
    name,
    port,
    protocol,
    ...(appProtocol !== undefined && { appProtocol }),
  }))
  return (['IPv4', 'IPv6'] as const).flatMap(addressType => {
    const own = endpoints.filter(({ addresses: [ip = ''] }) => ip.includes(':') === (addressType === 'IPv6'))
    return own.length > 0 ? [{ addressType, ports: copied, endpoints: own }] : []
  })
}

/** Addresses in the canonical form: Endpoints may have leading zeros. */
function toEndpoint({ address, ready }: Repacked['addresses'][number]): Endpoint {
  const parsed = parseIp(address.ip)
  return {
    addresses: [parsed ? formatIp(parsed) : address.ip],
    conditions: { ready },
    ...(address.hostname && { hostname: address.hostname }),
    ...(address.nodeName && { nodeName: address.nodeName }),
    ...(address.targetRef && { targetRef: address.targetRef }),
  }
}
