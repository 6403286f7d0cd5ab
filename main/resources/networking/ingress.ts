import { ingresses, type Ingress } from '../../../shared/api/networking.ts'
import { bumpGeneration, startGeneration } from '../generation.ts'
import { ageColumn, nameColumn } from '../name-column.ts'
import { defineResource } from '../resource.ts'
import { schemaOf } from '../schemas.ts'
import { ensureStructs } from '../structs.ts'
import { validateIngress, validateIngressStatus, validateIngressUpdate } from './ingress-validation.ts'
import { balancerWarnings } from '../warnings/addresses.ts'

export const ingress = defineResource(ingresses, {
  shortNames: ['ing'],
  schema: () => schemaOf('io.k8s.api.networking.v1.Ingress'),
  setDefaults: object => {
    ensureStructs(object, 'spec', 'status')
    object.status = { ...object.status, loadBalancer: object.status?.loadBalancer ?? {} }
    const backends = (object.spec.rules ?? []).flatMap(({ http }) => (http?.paths ?? []).map(path => path))
    for (const path of backends) ensureStructs(path, 'backend')
  },
  prepareForCreate: object => {
    object.status = { loadBalancer: {} }
    startGeneration(object)
  },
  prepareForUpdate: bumpGeneration,
  validate: validateIngress,
  validateUpdate: validateIngressUpdate,
  warnings: (object, old) => (old ? [] : classWarnings(object)),
  status: {
    validateUpdate: validateIngressStatus,
    warnings: ({ status }) => balancerWarnings(status?.loadBalancer?.ingress),
  },
  columns: [
    nameColumn,
    { name: 'Class', type: 'string', cell: ({ spec }) => spec.ingressClassName ?? '<none>' },
    { name: 'Hosts', type: 'string', cell: printHosts },
    { name: 'Address', type: 'string', cell: printAddresses },
    { name: 'Ports', type: 'string', cell: ({ spec }) => (spec.tls?.length ? '80, 443' : '80') },
    ageColumn,
  ],
})

/** Three hosts, and how many rules there are beyond three. */
function printHosts({ spec: { rules = [] } }: Ingress): string {
  const hosts = rules.flatMap(({ host }) => (host ? [host] : []))
  const shown = hosts.slice(0, 3).join(',')
  const third = rules.findIndex(({ host }) => host === hosts[2])
  return hosts.length >= 3 && rules.length > third + 1 ? `${shown} + ${rules.length - 3} more...` : shown || '*'
}

function printAddresses({ status }: Ingress): string {
  const addresses = (status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip || (hostname ?? ''))
  return [...new Set(addresses.filter(address => address !== ''))].sort().join(',')
}

const classAnnotation = 'kubernetes.io/ingress.class'

function classWarnings({ metadata, spec }: Ingress): string[] {
  if (!(classAnnotation in (metadata.annotations ?? {})) || spec.ingressClassName !== undefined) return []
  return [`annotation "${classAnnotation}" is deprecated, please use 'spec.ingressClassName' instead`]
}
