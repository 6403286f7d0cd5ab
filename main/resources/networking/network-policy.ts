import { networkPolicies, type NetworkPolicy } from '../../../shared/api/networking.ts'
import { formatLabelSelector } from '../../../shared/machinery/selectors.ts'
import { bumpGeneration, startGeneration } from '../generation.ts'
import { ageColumn, nameColumn } from '../name-column.ts'
import { defineResource } from '../resource.ts'
import { schemaOf } from '../schemas.ts'
import { ensureStructs } from '../structs.ts'
import { validateNetworkPolicy } from './network-policy-validation.ts'
import { cidrWarnings } from '../warnings/addresses.ts'

export const networkPolicy = defineResource(networkPolicies, {
  shortNames: ['netpol'],
  schema: () => schemaOf('io.k8s.api.networking.v1.NetworkPolicy'),
  setDefaults,
  prepareForCreate: startGeneration,
  prepareForUpdate: bumpGeneration,
  validate: object => validateNetworkPolicy(object),
  warnings,
  validateUpdate: validateNetworkPolicy,
  columns: [
    nameColumn,
    { name: 'Pod-Selector', type: 'string', cell: ({ spec }) => formatLabelSelector(spec.podSelector) },
    ageColumn,
  ],
})

/** Fills in what a policy leaves out (pkg/apis/networking/v1/defaults.go). */
function setDefaults(object: NetworkPolicy): void {
  ensureStructs(object, 'spec')
  const { spec } = object
  ensureStructs(spec, 'podSelector')
  for (const rule of [...(spec.ingress ?? []), ...(spec.egress ?? [])]) {
    for (const port of rule.ports ?? []) port.protocol ??= 'TCP'
  }
  if (!spec.policyTypes?.length) spec.policyTypes = spec.egress?.length ? ['Ingress', 'Egress'] : ['Ingress']
}

type Peers = readonly { ipBlock?: { cidr: string; except?: string[] } }[]

function warnings({ spec }: NetworkPolicy): string[] {
  const ofPeers = (peers: Peers, path: string) =>
    peers.flatMap(({ ipBlock }, i) => {
      if (!ipBlock) return []
      const at = `${path}[${i}].ipBlock`
      const { cidr, except = [] } = ipBlock
      return [
        ...cidrWarnings(`${at}.cidr`, cidr),
        ...except.flatMap((each, j) => cidrWarnings(`${at}.except[${j}]`, each)),
      ]
    })
  return [
    ...(spec.ingress ?? []).flatMap((rule, i) => ofPeers(rule.from ?? [], `spec.ingress[${i}].from`)),
    ...(spec.egress ?? []).flatMap((rule, i) => ofPeers(rule.to ?? [], `spec.egress[${i}].to`)),
  ]
}
