import { endpoints as ref, type Endpoints } from '../../../../shared/api/core.ts'
import type { StatusCause } from '../../../../shared/api/object.ts'
import { child, index, notSupported, required } from '../../../../shared/machinery/field-errors.ts'
import { jsonEqual } from '../../../../shared/machinery/json-value.ts'
import {
  isDns1123Label,
  isDns1123Subdomain,
  isPortNumber,
  isQualifiedName,
} from '../../../../shared/machinery/names.ts'
import { invalidFor } from '../../faults.ts'
import { validateEndpointIp, validateIp } from '../../ip-faults.ts'
import { ageColumn, nameColumn } from '../../name-column.ts'
import { defineResource } from '../../resource.ts'
import { schemaOf } from '../../schemas.ts'
import { ipWarnings } from '../../warnings/addresses.ts'

type Subset = NonNullable<Endpoints['subsets']>[number]
type Address = NonNullable<Subset['addresses']>[number]
type Port = NonNullable<Subset['ports']>[number]

export const endpoints = defineResource(ref, {
  singularName: 'endpoints',
  shortNames: ['ep'],
  deprecation: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
  schema: () => schemaOf('io.k8s.api.core.v1.Endpoints'),
  createOnUpdate: true,
  setDefaults: object => {
    for (const subset of object.subsets ?? []) for (const port of subset.ports ?? []) port.protocol ||= 'TCP'
  },
  validate,
  validateUpdate: (object, old) => (jsonEqual(object.subsets ?? [], old.subsets ?? []) ? [] : validate(object)),
  warnings,
  columns: [nameColumn, { name: 'Endpoints', type: 'string', cell: printEndpoints }, ageColumn],
})

function validate({ subsets = [] }: Endpoints): StatusCause[] {
  return subsets.flatMap(({ addresses = [], notReadyAddresses = [], ports = [] }, i) => {
    const path = index('subsets', i)
    const empty = addresses.length + notReadyAddresses.length === 0
    return [
      ...(empty ? [required(path, 'must specify `addresses` or `notReadyAddresses`')] : []),
      ...addresses.flatMap((address, j) => validateAddress(address, index(child(path, 'addresses'), j))),
      ...notReadyAddresses.flatMap((address, j) =>
        validateAddress(address, index(child(path, 'notReadyAddresses'), j)),
      ),
      ...ports.flatMap((port, j) =>
        validatePort(port, { path: index(child(path, 'ports'), j), named: ports.length > 1 }),
      ),
    ]
  })
}

function validateAddress({ ip = '', hostname, nodeName }: Partial<Address>, path: string): StatusCause[] {
  const ipPath = child(path, 'ip')
  return [
    ...validateIp(ipPath, ip),
    ...(hostname ? invalidFor(child(path, 'hostname'), hostname, isDns1123Label(hostname)) : []),
    ...(nodeName === undefined ? [] : invalidFor(child(path, 'nodeName'), nodeName, isDns1123Subdomain(nodeName))),
    ...validateEndpointIp(ipPath, ip),
  ]
}

function validatePort(port: Partial<Port>, { path, named }: { path: string; named: boolean }): StatusCause[] {
  const { name = '', port: number = 0, protocol = '', appProtocol } = port
  const namePath = child(path, 'name')
  const nameFaults = name ? invalidFor(namePath, name, isDns1123Label(name)) : named ? [required(namePath)] : []
  const protocols = ['SCTP', 'TCP', 'UDP']
  return [
    ...nameFaults,
    ...invalidFor(child(path, 'port'), number, isPortNumber(number)),
    ...(protocols.includes(protocol) ? [] : [notSupported(child(path, 'protocol'), protocol, protocols)]),
    ...(appProtocol === undefined
      ? []
      : invalidFor(child(path, 'appProtocol'), appProtocol, isQualifiedName(appProtocol))),
  ]
}

/** The first three addresses with their ports, and how many more there are (printers.go formatEndpoints). */
function printEndpoints({ subsets = [] }: Endpoints): string {
  const all = subsets.flatMap(({ addresses = [], ports = [] }) =>
    ports.length === 0
      ? addresses.map(({ ip }) => ip)
      : ports.flatMap(({ port }) =>
          addresses.map(({ ip }) => (ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`)),
        ),
  )
  if (subsets.length === 0) return '<none>'
  const more = all.length > 3 ? ` + ${all.length - 3} more...` : ''
  return all.slice(0, 3).join(',') + more
}

/** What the controller writes has been seen to. */
function warnings({ metadata, subsets = [] }: Endpoints): string[] {
  if (metadata.labels?.['endpoints.kubernetes.io/managed-by'] === 'endpoint-controller') return []
  return subsets.flatMap((subset, i) =>
    (['addresses', 'notReadyAddresses'] as const).flatMap(list =>
      (subset[list] ?? []).flatMap(({ ip }, j) => ipWarnings(`subsets[${i}].${list}[${j}].ip`, ip)),
    ),
  )
}
