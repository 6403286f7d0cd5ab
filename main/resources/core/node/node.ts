import { nodes, type Node } from '../../../../shared/api/core.ts'
import type { StatusCause } from '../../../../shared/api/object.ts'
import { child, duplicate, forbidden, index, invalid } from '../../../../shared/machinery/field-errors.ts'
import { parseCidr } from '../../../../shared/machinery/ip.ts'
import { jsonEqual } from '../../../../shared/machinery/json-value.ts'
import { repeats } from '../../faults.ts'
import { validateCidr } from '../../ip-faults.ts'
import { ageColumn, nameColumn } from '../../name-column.ts'
import { defineResource } from '../../resource.ts'
import { schemaOf } from '../../schemas.ts'
import { validateQuantity } from '../quantity-validation.ts'
import { validateTaints } from './taints.ts'
import { cidrWarnings } from '../../warnings/addresses.ts'

const featureName = /^[A-Z][a-zA-Z0-9]*(\/[a-zA-Z][a-zA-Z0-9]*)*$/
const featureRule =
  "must start with an UpperCamelCase segment, with subsequent segments separated by '/' (e.g., MyFeature or MyFeature/mySubFeature), and contain only alphanumeric characters and slashes"

export const node = defineResource(nodes, {
  shortNames: ['no'],
  schema: () => schemaOf('io.k8s.api.core.v1.Node'),
  setDefaults: ({ spec, status }) => {
    if (spec) syncPodCidrs(spec)
    if (status?.capacity && !status.allocatable) status.allocatable = { ...status.capacity }
  },
  // The kubelet registers its node with status and all.
  prepareForCreate: object => {
    delete object.spec?.configSource
    delete object.status?.config
  },
  prepareForUpdate: (object, old) => {
    if (!old.spec?.configSource) delete object.spec?.configSource
  },
  validate,
  validateUpdate: (object, old) => [...validate(object), ...validateUpdate(object, old)],
  warnings: ({ spec }) => [
    ...(spec?.configSource ? ['spec.configSource: the feature is removed'] : []),
    ...(spec?.externalID ? ['spec.externalID: this field is deprecated, and is unused by Kubernetes'] : []),
    ...(spec?.podCIDRs ?? []).flatMap((cidr, i) => cidrWarnings(`spec.podCIDRs[${i}]`, cidr)),
  ],
  status: {
    prepareForUpdate: (object, old) => {
      if (!old.status?.config) delete object.status?.config
    },
    validateUpdate: (object, old) => [...validateStatus(object), ...validateUpdate(object, old)],
  },
  fields: { 'spec.unschedulable': object => String(object.spec?.unschedulable ?? false) },
  columns: [
    nameColumn,
    { name: 'Status', type: 'string', cell: printStatus },
    { name: 'Roles', type: 'string', cell: printRoles },
    ageColumn,
    { name: 'Version', type: 'string', cell: object => object.status?.nodeInfo?.kubeletVersion ?? '' },
    { name: 'Internal-IP', type: 'string', priority: 1, cell: object => addressOf(object, 'InternalIP') },
    { name: 'External-IP', type: 'string', priority: 1, cell: object => addressOf(object, 'ExternalIP') },
    { name: 'OS-Image', type: 'string', priority: 1, cell: object => object.status?.nodeInfo?.osImage || '<unknown>' },
    { name: 'Kernel-Version', type: 'string', priority: 1, cell: printKernel },
    {
      name: 'Container-Runtime',
      type: 'string',
      priority: 1,
      cell: object => object.status?.nodeInfo?.containerRuntimeVersion || '<unknown>',
    },
  ],
})

/** The old field and the first of the new list always say the same (Convert_v1_NodeSpec_To_core_NodeSpec). */
function syncPodCidrs(spec: NonNullable<Node['spec']>): void {
  if (spec.podCIDR && spec.podCIDRs?.[0] !== spec.podCIDR) spec.podCIDRs = [spec.podCIDR]
  const first = spec.podCIDRs?.[0]
  if (first !== undefined) spec.podCIDR = first
}

function printStatus({ spec, status }: Node): string {
  const ready = status?.conditions?.find(condition => condition.type === 'Ready')
  const state = !ready ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady'
  return spec?.unschedulable ? `${state},SchedulingDisabled` : state
}

const rolePrefix = 'node-role.kubernetes.io/'

function printRoles({ metadata: { labels = {} } }: Node): string {
  const named = Object.keys(labels)
    .filter(label => label.startsWith(rolePrefix))
    .map(label => label.slice(rolePrefix.length))
  const roles = new Set([...named, labels['kubernetes.io/role'] ?? ''])
  return (
    [...roles]
      .filter(role => role !== '')
      .sort()
      .join(',') || '<none>'
  )
}

function printKernel({ status }: Node): string {
  const { kernelVersion = '', architecture = '' } = status?.nodeInfo ?? {}
  return `${kernelVersion || '<unknown>'}${architecture ? ` (${architecture})` : ''}`
}

const addressOf = ({ status }: Node, type: string) =>
  status?.addresses?.find(address => address.type === type)?.address ?? '<none>'

function validate(object: Node): StatusCause[] {
  const { spec = {} } = object
  return [
    // Upstream puts taints under metadata.
    ...validateTaints(spec.taints ?? [], 'metadata.taints'),
    ...validateStatus(object),
    ...validateCidrs(spec.podCIDRs ?? [], 'spec.podCIDRs'),
  ]
}

function validateStatus({ status }: Node): StatusCause[] {
  return [
    ...validateResources(status?.capacity ?? {}, 'status.capacity'),
    ...validateResources(status?.allocatable ?? {}, 'status.allocatable'),
    ...validateFeatures(status?.declaredFeatures ?? [], 'status.declaredFeatures'),
  ]
}

function validateFeatures(names: string[], path: string): StatusCause[] {
  return names.flatMap((name, i) => {
    const before = names[i - 1] ?? ''
    const rule = name.length > 253 ? 'must be no more than 253 characters' : featureName.test(name) ? '' : featureRule
    return [
      ...(rule ? [invalid(index(path, i), name, `invalid feature name "${name}": ${rule}`)] : []),
      ...(name === before ? [duplicate(index(path, i), name)] : []),
      ...(name < before ? [invalid(index(path, i), name, 'list must be sorted alphabetically')] : []),
    ]
  })
}

function validateResources(resources: Record<string, string>, path: string): StatusCause[] {
  return Object.entries(resources).flatMap(([name, value]) => validateQuantity(name, value, child(path, name)))
}

function validateCidrs(cidrs: string[], path: string): StatusCause[] {
  const families = new Set(cidrs.map(cidr => parseCidr(cidr)?.address.family))
  const dual = cidrs.length < 2 || (cidrs.length === 2 && families.size === 2)
  return [
    ...cidrs.flatMap((cidr, i) => validateCidr(index(path, i), cidr)),
    ...(dual ? [] : [invalid(path, cidrs, 'may specify no more than one CIDR for each IP family')]),
  ]
}

function validateUpdate(object: Node, old: Node): StatusCause[] {
  const { spec = {}, status } = object
  const { podCIDRs: cidrs = [], providerID = '', externalID } = old.spec ?? {}
  const addresses = status?.addresses ?? []
  const repeated = repeats(addresses, ({ type, address }) => `${type}/${address}`)
  const once = (field: string, name: string) =>
    forbidden(field, `node updates may not change ${name} except from "" to valid`)
  return [
    ...addresses.flatMap(({ type, address }, i) => {
      // Upstream prints its internal type, whose fields have no JSON names.
      return repeated[i] ? [duplicate(index('status.addresses', i), { Type: type, Address: address })] : []
    }),
    ...(cidrs.length > 0 && !jsonEqual(cidrs, spec.podCIDRs) ? [once('spec.podCIDRs', 'podCIDR')] : []),
    ...(providerID && providerID !== spec.providerID ? [once('spec.providerID', 'providerID')] : []),
    ...(spec.externalID === externalID ? [] : [forbidden('spec.externalID', 'may not be updated')]),
  ]
}
