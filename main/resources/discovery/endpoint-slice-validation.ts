import type { EndpointSlice } from '../../../shared/api/discovery.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { child, duplicate, index, invalid, required, tooMany } from '../../../shared/machinery/field-errors.ts'
import { parseIp } from '../../../shared/machinery/ip.ts'
import { jsonEqual } from '../../../shared/machinery/json-value.ts'
import { isDns1123Label, isDns1123Subdomain, isLabelValue, isQualifiedName } from '../../../shared/machinery/names.ts'
import { immutable, invalidFor, oneOf, repeats } from '../faults.ts'
import { validateEndpointIp, validateIp } from '../ip-faults.ts'

type Endpoint = NonNullable<EndpointSlice['endpoints']>[number]
type Port = NonNullable<EndpointSlice['ports']>[number]

/** What is wrong with an EndpointSlice (pkg/apis/discovery/validation); endpoints that `old` had are let pass. */
export function validateEndpointSlice(object: EndpointSlice, old?: EndpointSlice): StatusCause[] {
  const unchanged = old !== undefined && jsonEqual(object.endpoints, old.endpoints)
  return [
    ...oneOf('addressType', object.addressType, ['FQDN', 'IPv4', 'IPv6']),
    ...validatePorts(object.ports ?? []),
    ...(unchanged ? [] : validateEndpoints(object)),
  ]
}

export function validateEndpointSliceUpdate(object: EndpointSlice, old: EndpointSlice): StatusCause[] {
  const faults = validateEndpointSlice(object, old)
  if (object.addressType === old.addressType) return faults
  return [...faults, invalid('addressType', object.addressType, immutable)]
}

function validatePorts(ports: Port[]): StatusCause[] {
  if (ports.length > 20_000) return [tooMany('ports', ports.length, 20_000)]
  const repeated = repeats(ports, ({ name = '' }) => name)
  return ports.flatMap(({ name = '', protocol, appProtocol }, i) => {
    const path = index('ports', i)
    const namePath = child(path, 'name')
    return [
      ...(name ? invalidFor(namePath, name, isDns1123Label(name)) : []),
      ...(repeated[i] ? [duplicate(namePath, name)] : []),
      ...oneOf(child(path, 'protocol'), protocol, ['SCTP', 'TCP', 'UDP']),
      ...(appProtocol === undefined
        ? []
        : invalidFor(child(path, 'appProtocol'), appProtocol, isQualifiedName(appProtocol))),
    ]
  })
}

function validateEndpoints({ endpoints = [], addressType }: EndpointSlice): StatusCause[] {
  if (endpoints.length > 1000) return [tooMany('endpoints', endpoints.length, 1000)]
  return endpoints.flatMap((endpoint, i) => {
    const path = index('endpoints', i)
    const { nodeName, hostname } = endpoint
    return [
      ...validateAddresses(endpoint, { path: child(path, 'addresses'), addressType }),
      ...(nodeName === undefined ? [] : invalidFor(child(path, 'nodeName'), nodeName, isDns1123Subdomain(nodeName))),
      ...(hostname === undefined ? [] : invalidFor(child(path, 'hostname'), hostname, isDns1123Label(hostname))),
      ...validateHints(endpoint.hints?.forZones ?? [], { path: child(path, 'hints', 'forZones'), check: isLabelValue }),
      ...validateHints(endpoint.hints?.forNodes ?? [], {
        path: child(path, 'hints', 'forNodes'),
        check: isDns1123Subdomain,
      }),
    ]
  })
}

function validateAddresses(
  { addresses }: Endpoint,
  { path, addressType }: { path: string; addressType: string },
): StatusCause[] {
  if (addresses.length === 0) return [required(path, 'must contain at least 1 address')]
  const count = addresses.length > 100 ? [tooMany(path, addresses.length, 100)] : []
  return [
    ...count,
    ...addresses.flatMap((address, i) => validateAddress(address, { path, at: index(path, i), addressType })),
  ]
}

interface AddressPlace {
  path: string
  at: string
  addressType: string
}

function validateAddress(address: string, { path, at, addressType }: AddressPlace): StatusCause[] {
  if (addressType === 'FQDN') return validateDomainName(address, at)
  if (addressType !== 'IPv4' && addressType !== 'IPv6') return []
  const faults = validateIp(at, address)
  if (faults.length > 0) return faults
  const family = `IPv${parseIp(address)?.family ?? 4}`
  const wrong = family === addressType ? [] : [invalid(path, address, `must be an ${addressType} address`)]
  return [...wrong, ...validateEndpointIp(at, address)]
}

/** A subdomain of at least two labels; a dot may end it (IsFullyQualifiedDomainName). */
function validateDomainName(address: string, path: string): StatusCause[] {
  if (address === '') return [required(path)]
  const name = address.replace(/\.$/, '')
  const faults = isDns1123Subdomain(name)
  if (faults.length > 0) return [invalid(path, name, faults.join(','))]
  if (!name.includes('.')) {
    return [invalid(path, name, 'should be a domain with at least two segments separated by dots')]
  }
  return name.split('.').flatMap(label => {
    const wrong = isDns1123Label(label)
    return wrong.length > 0 ? [invalid(path, label, wrong.join(','))] : []
  })
}

interface HintRules {
  path: string
  check: (name: string) => string[]
}

function validateHints(hints: { name: string }[], { path, check }: HintRules): StatusCause[] {
  if (hints.length > 8) return [tooMany(path, hints.length, 8)]
  const repeated = repeats(hints, ({ name }) => name)
  return hints.flatMap(({ name }, i) => {
    const at = child(index(path, i), 'name')
    return [...(repeated[i] ? [duplicate(at, name)] : []), ...invalidFor(at, name, check(name))]
  })
}
