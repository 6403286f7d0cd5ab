import { services, type Service } from '../../../shared/api/core.ts'
import { ipAddresses } from '../../../shared/api/networking.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { invalid as invalidValue } from '../../../shared/machinery/field-errors.ts'
import { internalError, invalid } from '../../../shared/machinery/status.ts'
import type { Store } from '../../store/store.ts'
import type { Allocation, Allocator } from './allocation.ts'
import type { IpRange } from './ip-range.ts'
import { keyOf, prefixOf } from './key.ts'
import { keepAllocated, normaliseAddresses, needsClusterIp, setFamilies } from './service-addresses.ts'
import { allocateNodePorts, nodePortsOf, type PortRange } from './node-ports.ts'

interface Options {
  store: Store
  range: IpRange
  nodePorts: PortRange
  random: () => number
}

/** What Services hold and what writes under way have taken. */
interface Claims {
  ips: Set<string>
  ports: Set<number>
}

/**
 * Gives Services their cluster IPs and node ports (registry/core/service/storage/alloc.go). What is held is what the
 * stored Services say, and the IPAddresses that users made, so nothing can leak or get lost; only what writes under way have taken is remembered besides.
 */
export function createServiceAllocator({ store, range, nodePorts, random }: Options): Allocator {
  const pending: Claims = { ips: new Set(), ports: new Set() }
  let last = Promise.resolve()

  /** Read before the list: what is settled meanwhile is in one of the two. */
  const heldByOthers = async (key: string): Promise<Claims> => {
    const claims: Claims = { ips: new Set(pending.ips), ports: new Set(pending.ports) }
    const { entries } = await store.list(prefixOf(services))
    for (const entry of entries) {
      if (entry.key === key) continue
      const { spec } = entry.object as Service
      for (const ip of spec.clusterIPs ?? []) claims.ips.add(ip)
      for (const port of nodePortsOf(spec)) claims.ports.add(port)
    }
    // Those that follow Services say nothing new, and may be late.
    const { entries: addresses } = await store.list(prefixOf(ipAddresses))
    for (const { object } of addresses) {
      const { name, labels } = object.metadata
      if (labels?.['ipaddress.kubernetes.io/managed-by'] !== 'ipallocator.k8s.io') claims.ips.add(name)
    }
    return claims
  }

  async function allocate(service: Service, before: Service | undefined): Promise<Allocation> {
    const { name, namespace = '' } = service.metadata
    const held = await heldByOthers(keyOf(services, { namespace, name }))
    if (before) keepAllocated(service, before)
    normaliseAddresses(service, before)
    const causes = [
      ...setFamilies(service),
      ...allocateIp(service, before, { held, range, random }),
      ...allocateNodePorts(service, { held: held.ports, range: nodePorts, random }),
    ]
    if (causes.length > 0) throw invalid({ group: '', kind: 'Service', name }, causes)

    const known = before ? nodePortsOf(before.spec) : []
    const ips = (service.spec.clusterIPs ?? []).filter(ip => ip !== 'None' && !before?.spec.clusterIPs?.includes(ip))
    const ports = nodePortsOf(service.spec).filter(port => !known.includes(port))
    ips.forEach(ip => pending.ips.add(ip))
    ports.forEach(port => pending.ports.add(port))
    const settle = () => {
      ips.forEach(ip => pending.ips.delete(ip))
      ports.forEach(port => pending.ports.delete(port))
    }
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
  }
}

interface Ips {
  held: Claims
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
