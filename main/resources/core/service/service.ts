import { services, type Service } from '../../../../shared/api/core.ts'
import { isDns1123Label } from '../../../../shared/machinery/names.ts'
import { ageColumn, nameColumn } from '../../name-column.ts'
import { defineResource } from '../../resource.ts'
import { schemaOf } from '../../schemas.ts'
import { setServiceDefaults } from './service-defaults.ts'
import { validateServiceStatus } from './service-status.ts'
import { dropTypeDependentFields } from './service-type-change.ts'
import { validateService, validateServiceUpdate } from './service-validation.ts'
import { serviceWarnings } from '../../warnings/service.ts'
import { balancerWarnings } from '../../warnings/addresses.ts'

/** Cluster IPs and node ports are given out by the API server's allocators before `prepareFor*` and `validate` run. */
export const service = defineResource(services, {
  shortNames: ['svc'],
  categories: ['all'],
  schema: () => schemaOf('io.k8s.api.core.v1.Service'),
  createOnUpdate: true,
  setDefaults: setServiceDefaults,
  prepareForCreate: object => {
    object.status = { loadBalancer: {} }
  },
  prepareForUpdate: dropTypeDependentFields,
  validate: object => validateService(object),
  validateUpdate: validateServiceUpdate,
  // A DNS-1035 label before RelaxedServiceNameValidation (KEP-5311, on since 1.36).
  validateName: isDns1123Label,
  warnings: serviceWarnings,
  status: {
    validateUpdate: validateServiceStatus,
    warnings: ({ status }) => balancerWarnings(status?.loadBalancer?.ingress),
  },
  fields: { 'spec.clusterIP': ({ spec }) => spec.clusterIP ?? '', 'spec.type': ({ spec }) => spec.type ?? '' },
  columns: [
    nameColumn,
    { name: 'Type', type: 'string', cell: ({ spec }) => spec.type ?? '' },
    { name: 'Cluster-IP', type: 'string', cell: ({ spec }) => spec.clusterIPs?.[0] ?? '<none>' },
    { name: 'External-IP', type: 'string', cell: printExternalIp },
    { name: 'Port(s)', type: 'string', cell: printPorts },
    ageColumn,
    { name: 'Selector', type: 'string', priority: 1, cell: printSelector },
  ],
})

function printExternalIp({ spec, status }: Service): string {
  const external = spec.externalIPs ?? []
  switch (spec.type) {
    case 'ClusterIP':
    case 'NodePort':
      return external.join(',') || '<none>'
    case 'LoadBalancer': {
      const given = (status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip || hostname || '')
      const balanced = [...new Set(given.filter(address => address !== ''))].sort()
      return [...balanced, ...external].join(',') || '<pending>'
    }
    case 'ExternalName':
      return spec.externalName ?? ''
    default:
      return '<unknown>'
  }
}

function printPorts({ spec: { ports = [] } }: Service): string {
  const texts = ports.map(
    ({ port, nodePort, protocol = 'TCP' }) => `${port}${nodePort ? `:${nodePort}` : ''}/${protocol}`,
  )
  return texts.join(',') || '<none>'
}

function printSelector({ spec: { selector = {} } }: Service): string {
  const pairs = Object.entries(selector).map(([label, value]) => `${label}=${value}`)
  return pairs.sort().join(',') || '<none>'
}
