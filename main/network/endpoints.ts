import type { EndpointSlice } from '../../shared/api/discovery.ts'

/** One address of a slice, with what the proxy and the DNS must know of it. */
export interface Endpoint {
  address: string
  hostname?: string
  nodeName?: string
  ready: boolean
  /** Still answers although it is being terminated. */
  serving: boolean
  terminating: boolean
}

/** Label that names an EndpointSlice's Service (discovery/v1 well_known_labels.go). */
const serviceNameLabel = 'kubernetes.io/service-name'

/** `namespace/name` of the Service a slice belongs to; undefined if it belongs to none. */
export function serviceOf({ metadata }: EndpointSlice): string | undefined {
  const name = metadata.labels?.[serviceNameLabel]
  return name === undefined ? undefined : `${metadata.namespace ?? ''}/${name}`
}

/** The IPv4 endpoints of a slice; none for other address types. Unknown conditions count as true, as the API says. */
export function endpointsOf(slice: EndpointSlice): Endpoint[] {
  if (slice.addressType !== 'IPv4') return []
  return (slice.endpoints ?? []).flatMap(({ addresses, hostname, nodeName, conditions }) => {
    const [address] = addresses
    if (address === undefined) return []
    return {
      address,
      ...(hostname && { hostname }),
      ...(nodeName && { nodeName }),
      ready: conditions?.ready !== false,
      serving: conditions?.serving !== false,
      terminating: conditions?.terminating === true,
    }
  })
}
