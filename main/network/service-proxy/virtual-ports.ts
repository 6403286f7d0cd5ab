import type { Service } from '../../../shared/api/core.ts'
import type { EndpointSlice } from '../../../shared/api/discovery.ts'
import { endpointsOf, serviceOf } from '../endpoints.ts'

/** A port of a virtual address, and where connections to it go. */
export interface VirtualPort {
  address: string
  protocol: 'tcp' | 'udp' | 'sctp'
  port: number
  /** `10.0.0.7:8080`, sorted. None: connections are refused. */
  backends: { address: string; port: number }[]
  /** One client keeps its backend as long as the backends stay. */
  sticky: boolean
  /** Connections from other IPv4 ranges than these are dropped; undefined admits all. */
  sources?: readonly string[]
}

export interface ServiceWorld {
  services: Service[]
  slices: EndpointSlice[]
  /** The node the answer is for: traffic policies choose by its name, node ports are at its IPv4 addresses. */
  node: { name: string; addresses: readonly string[] }
}

/**
 * Every port of a Service as the pods of one node see it, sorted. At the addresses that lead in from outside they meet all
 * endpoints whatever externalTrafficPolicy says: they are not outside (pkg/proxy/nftables/proxier.go, "short-circuit").
 */
export function virtualPorts(world: ServiceWorld): VirtualPort[] {
  return portsOf(world, service => {
    const near = service.spec.internalTrafficPolicy === 'Local'
    const inside = clusterAddresses(service).map(address => ({ address, number: servicePort, near }))
    return [...inside, ...outerPlaces(service, world, false)]
  })
}

/** The ports that one node serves to those outside of the cluster: node ports, external IPs, load balancers; sorted. */
export function externalPorts(world: ServiceWorld): VirtualPort[] {
  return portsOf(world, service => outerPlaces(service, world, service.spec.externalTrafficPolicy === 'Local'))
}

/** `10.96.0.10 . udp . 53`: as nftables writes the three values together. */
export const keyOf = ({ address, protocol, port }: VirtualPort): string => `${address} . ${protocol} . ${port}`

type ServedPort = NonNullable<Service['spec']['ports']>[number]
interface Place {
  address: string
  /** 0: not served there. */
  number: (port: ServedPort) => number
  /** Only by the node's own endpoints. */
  near: boolean
  sources?: readonly string[]
}

const servicePort = ({ port }: ServedPort) => port
const nodePort = (port: ServedPort) => port.nodePort ?? 0

function portsOf({ services, slices, node }: ServiceWorld, placesOf: (service: Service) => Place[]): VirtualPort[] {
  const byService = Map.groupBy(slices, slice => serviceOf(slice) ?? '')
  const found = services.flatMap(service => {
    const { metadata, spec } = service
    if (spec.type === 'ExternalName') return []
    const own = byService.get(`${metadata.namespace ?? ''}/${metadata.name}`) ?? []
    const places = placesOf(service)
    return (spec.ports ?? []).flatMap(served =>
      places
        .filter(({ number }) => number(served) > 0)
        .map(({ address, number, near, sources }) => ({
          address,
          protocol: (served.protocol ?? 'TCP').toLowerCase() as VirtualPort['protocol'],
          port: number(served),
          backends: backendsOf(own, served.name ?? '', near ? node.name : undefined),
          sticky: spec.sessionAffinity === 'ClientIP',
          ...(sources && { sources }),
        })),
    )
  })
  return byKey(found)
}

/** One of each, sorted: nobody keeps two Services from the same external IP, and the first has it. */
export function byKey(ports: readonly VirtualPort[]): VirtualPort[] {
  const unique = new Map(ports.toReversed().map(port => [keyOf(port), port]))
  return [...unique].sort(([a], [b]) => a.localeCompare(b)).map(([, port]) => port)
}

const isIPv4 = (ip: string | undefined): ip is string => ip?.includes('.') ?? false

const clusterAddresses = ({ spec }: Service): string[] => (spec.clusterIPs ?? [spec.clusterIP]).filter(isIPv4)

/** Where a Service is met from outside. Source ranges are of load balancers alone (pkg/proxy/nftables/proxier.go, firewall chains). */
function outerPlaces({ spec, status }: Service, { node }: ServiceWorld, near: boolean): Place[] {
  const balanced = (status?.loadBalancer?.ingress ?? []).filter(({ ipMode = 'VIP' }) => ipMode === 'VIP')
  const ranges = spec.loadBalancerSourceRanges ?? []
  const sources = ranges.length > 0 ? { sources: ranges.map(range => range.trim()).filter(isIPv4) } : {}
  return [
    ...(spec.externalIPs ?? []).filter(isIPv4).map(address => ({ address, number: servicePort, near })),
    ...balanced
      .map(({ ip }) => ip)
      .filter(isIPv4)
      .map(address => ({ address, number: servicePort, near, ...sources })),
    ...node.addresses.map(address => ({ address, number: nodePort, near })),
  ]
}

/** Ready endpoints; while there are none, those that terminate and still serve (KEP-1669, pkg/proxy/topology.go). */
function backendsOf(slices: EndpointSlice[], portName: string, onlyNode: string | undefined): VirtualPort['backends'] {
  const all = slices.flatMap(slice => {
    const number = slice.ports?.find(p => (p.name ?? '') === portName)?.port
    return number === undefined ? [] : endpointsOf(slice).map(endpoint => ({ ...endpoint, port: number }))
  })
  const near = onlyNode === undefined ? all : all.filter(({ nodeName }) => nodeName === onlyNode)
  const ready = near.filter(endpoint => endpoint.ready)
  const usable = ready.length > 0 ? ready : near.filter(endpoint => endpoint.serving && endpoint.terminating)
  const unique = new Map(usable.map(({ address, port }) => [`${address}:${port}`, { address, port }]))
  return [...unique].sort(([a], [b]) => a.localeCompare(b)).map(([, backend]) => backend)
}
