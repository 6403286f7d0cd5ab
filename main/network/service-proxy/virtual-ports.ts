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
}

interface ServiceWorld {
  services: Service[]
  slices: EndpointSlice[]
  /** The node of the pods the answer is for, for internalTrafficPolicy. */
  node: string
}

/** Every ClusterIP port of the cluster as the pods of one node see it, sorted. */
export function virtualPorts({ services, slices, node }: ServiceWorld): VirtualPort[] {
  const byService = Map.groupBy(slices, slice => serviceOf(slice) ?? '')
  return services
    .flatMap(service => {
      const own = byService.get(`${service.metadata.namespace ?? ''}/${service.metadata.name}`) ?? []
      return portsOf(service, own, node)
    })
    .sort((a, b) => keyOf(a).localeCompare(keyOf(b)))
}

/** `10.96.0.10 . udp . 53`: as nftables writes the three values together. */
export const keyOf = ({ address, protocol, port }: VirtualPort): string => `${address} . ${protocol} . ${port}`

function portsOf({ spec }: Service, slices: EndpointSlice[], node: string): VirtualPort[] {
  const addresses = (spec.clusterIPs ?? [spec.clusterIP]).filter(ip => ip?.includes('.')) as string[]
  if (spec.type === 'ExternalName') return []
  return (spec.ports ?? []).flatMap(({ name, protocol = 'TCP', port }) => {
    const backends = backendsOf(slices, name ?? '', spec.internalTrafficPolicy === 'Local' ? node : undefined)
    return addresses.map(address => ({
      address,
      protocol: protocol.toLowerCase() as VirtualPort['protocol'],
      port,
      backends,
      sticky: spec.sessionAffinity === 'ClientIP',
    }))
  })
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
