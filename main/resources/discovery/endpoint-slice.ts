import { endpointSlices, type EndpointSlice } from '../../../shared/api/discovery.ts'
import { jsonEqual } from '../../../shared/machinery/json-value.ts'
import { startGeneration } from '../generation.ts'
import { ageColumn, nameColumn } from '../name-column.ts'
import { defineResource } from '../resource.ts'
import { schemaOf } from '../schemas.ts'
import { validateEndpointSlice, validateEndpointSliceUpdate } from './endpoint-slice-validation.ts'
import { ipWarnings } from '../warnings/addresses.ts'

export const endpointSlice = defineResource(endpointSlices, {
  schema: () => schemaOf('io.k8s.api.discovery.v1.EndpointSlice'),
  setDefaults: object => {
    object.endpoints ??= []
    for (const port of object.ports ?? []) {
      port.name ??= ''
      port.protocol ??= 'TCP'
    }
  },
  prepareForCreate: object => {
    startGeneration(object)
    dropTopology(object)
  },
  prepareForUpdate: (object, old) => {
    if (!sameButMetadata(object, old) || !jsonEqual(object.metadata.labels, old.metadata.labels)) {
      object.metadata.generation = (old.metadata.generation ?? 0) + 1
    }
    if (!jsonEqual(object.endpoints, old.endpoints)) dropTopology(object)
  },
  validate: object => validateEndpointSlice(object),
  warnings,
  validateUpdate: validateEndpointSliceUpdate,
  columns: [
    nameColumn,
    { name: 'AddressType', type: 'string', cell: object => object.addressType },
    { name: 'Ports', type: 'string', cell: object => firstThree((object.ports ?? []).map(printPort)) },
    {
      name: 'Endpoints',
      type: 'string',
      cell: object => firstThree((object.endpoints ?? []).flatMap(({ addresses }) => addresses)),
    },
    ageColumn,
  ],
})

/** The v1 API does not take it any more. */
function dropTopology(object: EndpointSlice): void {
  for (const endpoint of object.endpoints ?? []) delete endpoint.deprecatedTopology
}

function sameButMetadata(object: EndpointSlice, old: EndpointSlice): boolean {
  return jsonEqual({ ...object, metadata: {} }, { ...old, metadata: {} })
}

const printPort = ({ port, name }: { port?: number; name?: string }) =>
  port === undefined ? (name ?? '*') : String(port)

function firstThree(texts: string[]): string {
  const shown = texts.slice(0, 3).join(',')
  return texts.length > 3 ? `${shown} + ${texts.length - 3} more...` : shown || '<unset>'
}

const ownWriters = ['endpointslice-controller.k8s.io', 'endpointslicemirroring-controller.k8s.io']

/** What the controllers write has been seen to. */
function warnings({ metadata, addressType, endpoints = [] }: EndpointSlice, old: EndpointSlice | undefined): string[] {
  const isOwn = ownWriters.includes(metadata.labels?.['endpointslice.kubernetes.io/managed-by'] ?? '')
  const seen = isOwn
    ? []
    : endpoints.flatMap(({ addresses }, i) =>
        addresses.flatMap((ip, j) => ipWarnings(`endpoints[${i}].addresses[${j}]`, ip)),
      )
  return !old && addressType === 'FQDN' ? ['spec.addressType: FQDN endpoints are deprecated', ...seen] : seen
}
