import { services, type Service } from '../../../shared/api/core.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { invalid as invalidValue } from '../../../shared/machinery/field-errors.ts'
import { internalError, invalid } from '../../../shared/machinery/status.ts'
import type { Store } from '../../store/store.ts'
import type { Allocation, Allocator } from './allocation.ts'
import type { IpRange } from './ip-range.ts'
import { keyOf } from './key.ts'
import { keepAllocated, normaliseAddresses, needsClusterIp, setFamilies } from './service-addresses.ts'
import { allocateNodePorts, type PortRange } from './node-ports.ts'
import { claimsOf, createServiceClaims, type Held } from './service-claims.ts'

interface Options {
  store: Store
  range: IpRange
  nodePorts: PortRange
  random: () => number
}

/** Gives Services their cluster IPs and node ports (registry/core/service/storage/alloc.go). */
export function createServiceAllocator({ store, range, nodePorts, random }: Options): Allocator & Disposable {
  const claims = createServiceClaims(store)
  let last = Promise.resolve()

  async function allocate(service: Service, before: Service | undefined): Promise<Allocation> {
    const { name, namespace = '' } = service.metadata
    const stored = store.get(keyOf(services, { namespace, name }))?.object as Service | undefined
    const held = await claims.heldBeside(stored ? claimsOf(stored) : { ips: [], ports: [] })
    if (before) keepAllocated(service, before)
    normaliseAddresses(service, before)
    const causes = [
      ...setFamilies(service),
      ...allocateIp(service, before, { held, range, random }),
      ...allocateNodePorts(service, { held: held.ports, range: nodePorts, random }),
    ]
    if (causes.length > 0) throw invalid({ group: '', kind: 'Service', name }, causes)

    const known = before && claimsOf(before)
    const { ips, ports } = claimsOf(service)
    const taken = {
      ips: ips.filter(ip => !known?.ips.includes(ip)),
      ports: ports.filter(port => !known?.ports.includes(port)),
    }
    claims.add(taken)
    // What is stored counts by itself by now.
    const settle = () => claims.remove(taken)
    return { keep: settle, giveBack: settle }
  }

  return {
    ref: services,
    // One after the other: between the look at what is free and the taking of it, nobody else may look.
    allocate(object, old) {
      const turn = last.then(() => allocate(object as Service, old as Service | undefined))
      last = turn.then(
        () => undefined,
        () => undefined,
      )
      return turn
    },
    [Symbol.dispose]: () => claims[Symbol.dispose](),
  }
}

interface Ips {
  held: Held
  range: IpRange
  random: () => number
}

function allocateIp({ spec }: Service, before: Service | undefined, { held, range, random }: Ips): StatusCause[] {
  if (!needsClusterIp(spec) || spec.clusterIP === 'None') return []
  const asked = spec.clusterIPs?.[0]
  if (!asked) {
    const ip = anyIp({ held, range, random })
    spec.clusterIP = ip
    spec.clusterIPs = [ip]
    return []
  }
  if (before?.spec.clusterIPs?.[0] === asked) return []
  const why = !range.contains(asked)
    ? `the provided IP (${asked}) is not in the valid range. The range of valid IPs is ${range.cidr}`
    : held.ips.has(asked)
      ? 'provided IP is already allocated'
      : ''
  return why === '' ? [] : [invalidValue('spec.clusterIPs', spec.clusterIPs, `failed to allocate IP ${asked}: ${why}`)]
}

/** A free address, from the upper part of the range while it lasts: the lower one is for those who ask for an address. */
function anyIp({ held, range, random }: Ips): string {
  for (const [from, to] of [
    [range.reserved, range.size],
    [0, range.reserved],
  ] as const) {
    const start = Math.floor(random() * (to - from))
    for (let step = 0; step < to - from; step++) {
      const ip = range.at(from + ((start + step) % (to - from)))
      // The first address belongs to the Service `kubernetes`, which may not be stored yet.
      if (!held.ips.has(ip) && ip !== range.first) return ip
    }
  }
  throw internalError('failed to allocate a serviceIP: range is full')
}
