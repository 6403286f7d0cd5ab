import type { Answer } from 'dns-packet'
import type { Namespace, Service } from '../../../shared/api/core.ts'
import { endpointsOf, type Endpoint } from '../endpoints.ts'
import type { EndpointSlice } from '../../../shared/api/discovery.ts'

/** What the cluster knows, by the keys that names ask for. */
export interface ClusterView {
  service(namespace: string, name: string): Service | undefined
  slices(service: Service): EndpointSlice[]
  namespace(name: string): Namespace | undefined
  /** Services with this ClusterIP. */
  servicesAt(address: string): Service[]
  /** Services with an endpoint of this address, with the slices that hold it. */
  endpointsAt(address: string): { service: Service; slice: EndpointSlice }[]
}

/** Records of a name whatever their type, undefined if the name does not exist, `elsewhere` if it is not ours to know. */
export type Lookup = Answer[] | undefined | 'elsewhere'

const ttl = 5
const schemaVersion = '1.1.0'
const reverse = '.in-addr.arpa'

/**
 * What the DNS-based service discovery specification gives a name (kubernetes/dns, docs/specification.md). `name` is in
 * lower case without a dot at the end; names that exist only because there are names below them have no records.
 */
export function lookUp(name: string, zone: string, view: ClusterView): Lookup {
  if (name.endsWith(reverse)) return pointers(name, zone, view)
  if (name === zone) return []
  if (!name.endsWith(`.${zone}`)) return 'elsewhere'
  const labels = name.slice(0, -zone.length - 1).split('.')
  const kind = labels.pop()
  if (kind === 'dns-version' && labels.length === 0) return [{ name, type: 'TXT', ttl: 28_800, data: schemaVersion }]
  if (kind !== 'svc' && kind !== 'pod') return undefined
  const namespace = labels.pop()
  if (namespace === undefined) return []
  if (!view.namespace(namespace)) return undefined
  if (labels.length === 0) return []
  return kind === 'pod' ? podAddress(name, labels) : ofService({ name, zone, namespace, labels, view })
}

/** `1-2-3-4.<namespace>.pod.<zone>`, deprecated and still asked for; any address, as CoreDNS' `pods insecure`. */
function podAddress(name: string, labels: string[]): Lookup {
  const address = (labels[0] ?? '').replaceAll('-', '.')
  return labels.length === 1 && isAddress(address) ? [a(name, address)] : undefined
}

interface ServiceName {
  name: string
  zone: string
  namespace: string
  /** What stands before the namespace. */
  labels: string[]
  view: ClusterView
}

function ofService({ name, zone, namespace, labels, view }: ServiceName): Lookup {
  const service = view.service(namespace, labels.at(-1) ?? '')
  if (!service) return undefined
  const base = fullName(service, zone)
  const before = labels.slice(0, -1)
  if (service.spec.type === 'ExternalName')
    return before.length === 0 ? [{ name, type: 'CNAME', ttl, data: service.spec.externalName ?? '' }] : undefined
  const members = isHeadless(service) ? headlessMembers(service, view) : undefined
  const found = ports(service, base, members)
  if (before.length === 0) {
    const addresses = members
      ? members.map(({ address }) => address)
      : (service.spec.clusterIPs ?? [service.spec.clusterIP])
    const records = [...new Set(addresses)].flatMap(address =>
      address && isAddress(address) ? [a(name, address)] : [],
    )
    // Asking for SRV at the Service's own name gives all its ports, as CoreDNS does.
    return members?.length === 0 ? undefined : [...records, ...found.map(({ record }) => ({ ...record, name }))]
  }
  if (before.length === 1 && members) {
    const named = members.filter(member => hostnameOf(member) === before[0])
    if (named.length > 0) return named.map(({ address }) => a(name, address))
  }
  const matching = found.filter(({ labels: own }) =>
    before.every((label, i) => label === own[i + own.length - before.length]),
  )
  if (matching.length === 0) return undefined
  return before.length === 2 ? matching.map(({ record }) => ({ ...record, name })) : []
}

/** The SRV records of a Service's named ports, with the `_port` and `_protocol` labels that they have. */
function ports(service: Service, base: string, members: Member[] | undefined) {
  return (service.spec.ports ?? []).flatMap(({ name, protocol = 'TCP', port }) => {
    if (!name) return []
    const labels = [`_${name}`, `_${protocol.toLowerCase()}`]
    const targets = members
      ? members.flatMap(member => {
          const number = member.ports.get(name)
          return number === undefined ? [] : [{ target: `${hostnameOf(member)}.${base}`, port: number }]
        })
      : [{ target: base, port }]
    return targets.map(data => ({ labels, record: srv(data) }))
  })
}

interface Member extends Endpoint {
  ports: Map<string, number>
}

function headlessMembers(service: Service, view: ClusterView): Member[] {
  const all = service.spec.publishNotReadyAddresses === true
  return view.slices(service).flatMap(slice => {
    const numbers = new Map(
      (slice.ports ?? []).flatMap(({ name, port }) => (port === undefined ? [] : [[name ?? '', port]])),
    )
    return endpointsOf(slice)
      .filter(({ ready }) => ready || all)
      .map(endpoint => ({ ...endpoint, ports: numbers }))
  })
}

function pointers(name: string, zone: string, view: ClusterView): Lookup {
  const address = name.slice(0, -reverse.length).split('.').reverse().join('.')
  if (!isAddress(address)) return 'elsewhere'
  const services = view.servicesAt(address).map(service => fullName(service, zone))
  const members = view.endpointsAt(address).flatMap(({ service, slice }) =>
    endpointsOf(slice)
      .filter(endpoint => endpoint.address === address && endpoint.ready && isHeadless(service))
      .map(endpoint => `${hostnameOf(endpoint)}.${fullName(service, zone)}`),
  )
  const targets = [...new Set([...services, ...members])]
  return targets.length === 0 ? 'elsewhere' : targets.map(data => ({ name, type: 'PTR', ttl, data }))
}

const a = (name: string, address: string): Answer => ({ name, type: 'A', ttl, data: address })
const srv = ({ target, port }: { target: string; port: number }) => ({
  type: 'SRV' as const,
  ttl,
  data: { priority: 0, weight: 100, port, target },
})

const fullName = ({ metadata }: Service, zone: string) => `${metadata.name}.${metadata.namespace ?? ''}.svc.${zone}`
const isHeadless = ({ spec }: Service) => spec.clusterIP === 'None'
/** An endpoint without a hostname is named by its address, as CoreDNS does. */
const hostnameOf = ({ hostname, address }: Endpoint) => hostname ?? address.replaceAll('.', '-')
const isAddress = (text: string) =>
  /^(\d{1,3})(\.\d{1,3}){3}$/.test(text) && text.split('.').every(part => Number(part) < 256)
