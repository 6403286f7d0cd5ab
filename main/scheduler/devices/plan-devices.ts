import type { Node } from '../../../shared/api/core.ts'
import type { ResourceClaim } from '../../../shared/api/resource.ts'
import type { Cluster } from '../plugin.ts'
import { allocate } from './allocate.ts'
import { AllocationFault } from './device-selector.ts'
import { deviceKey } from './pools.ts'
import type { Allocation } from './requests.ts'

/** How claims could be allocated on a node, in their order; undefined if there are not enough devices that fit. */
export function planDevices(claims: readonly ResourceClaim[], { listers, reservations }: Cluster) {
  if (claims.length === 0) return (): Allocation[] => []
  const slices = listers.resourceSlices.list()
  const given = listers.resourceClaims.list().map(claim => claim.status?.allocation)
  const taken = new Set([...given, ...reservations.devices.values()].flatMap(devicesOf))
  const classOf = (name: string) => listers.deviceClasses.get({ namespace: '', name })
  return (node: Node): Allocation[] | AllocationFault | undefined => {
    try {
      return allocate({ claims, node, slices, classOf, taken })
    } catch (error) {
      if (error instanceof AllocationFault) return error
      throw error
    }
  }
}

/** The keys of the devices that an allocation takes from others; access for administrators takes none. */
const devicesOf = (allocation: Allocation | undefined): string[] =>
  (allocation?.devices?.results ?? []).flatMap(result => (result.adminAccess ? [] : [deviceKey(result)]))
