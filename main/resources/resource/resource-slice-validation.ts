import type { StatusCause } from '../../../shared/api/object.ts'
import type { ResourceSlice } from '../../../shared/api/resource.ts'
import { child, invalid, required } from '../../../shared/machinery/field-errors.ts'
import { isDns1123Subdomain } from '../../../shared/machinery/names.ts'
import { validateNodeSelector } from '../core/pod/affinity-validation.ts'
import { immutable, invalidFor } from '../faults.ts'
import { validateDriverName } from '../storage/driver-name.ts'
import { validateSet } from './bounded.ts'
import { validateCounters, validateDevice } from './device-validation.ts'
import { validatePoolName } from './name-validation.ts'

type Spec = ResourceSlice['spec']

/** Devices that have taints or share counters cost more to allocate. */
const [most, mostElaborate] = [128, 64]

/** Faults of a slice (pkg/apis/resource/validation validateResourceSliceSpec). */
export function validateResourceSlice({ spec }: ResourceSlice, old?: ResourceSlice): StatusCause[] {
  const { devices, sharedCounters, perDeviceNodeSelection: ownNodes = false } = spec
  const elaborate = (devices ?? []).some(({ taints, consumesCounters }) => taints?.length || consumesCounters?.length)
  const before = new Map((old?.spec.devices ?? []).map(device => [device.name, device]))
  return [
    ...validateDriverName('spec.driver', spec.driver),
    ...validatePool(spec.pool, 'spec.pool'),
    ...(old ? validateSame(spec, old.spec) : []),
    ...validateNodes(spec, 'spec'),
    ...(sharedCounters && devices ? [invalid('spec', '', 'only one of `sharedCounters` or `devices` is allowed')] : []),
    ...validateSet(devices, {
      path: 'spec.devices',
      max: elaborate ? mostElaborate : most,
      keyOf: ({ name }) => name,
      check: (device, path) => validateDevice(device, { path, old: before.get(device.name), ownNodes }),
    }),
    ...validateSet(sharedCounters, {
      path: 'spec.sharedCounters',
      max: 8,
      keyOf: ({ name }) => name,
      check: (set, path) => validateCounters(set, { path, nameField: 'name' }),
    }),
  ]
}

function validatePool({ name, resourceSliceCount, generation }: Spec['pool'], path: string): StatusCause[] {
  return [
    ...validatePoolName(name, child(path, 'name')),
    ...(resourceSliceCount <= 0
      ? [invalid(child(path, 'resourceSliceCount'), resourceSliceCount, 'must be greater than zero')]
      : []),
    ...(generation < 0
      ? [invalid(child(path, 'generation'), generation, 'must be greater than or equal to zero')]
      : []),
  ]
}

function validateSame(spec: Spec, old: Spec): StatusCause[] {
  return [
    ...(spec.pool.name === old.pool.name ? [] : [invalid('spec.pool.name', spec.pool.name, immutable)]),
    ...(spec.driver === old.driver ? [] : [invalid('spec.driver', spec.driver, immutable)]),
    ...(spec.nodeName === old.nodeName ? [] : [invalid('spec.nodeName', spec.nodeName, immutable)]),
  ]
}

function validateNodes(spec: Spec, path: string): StatusCause[] {
  const { nodeName, nodeSelector, allNodes, perDeviceNodeSelection: ownNodes } = spec
  const at = (field: string) => child(path, field)
  const one = 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required'
  const given = { nodeName, nodeSelector, allNodes, perDeviceNodeSelection: ownNodes }
  const set = Object.entries(given).flatMap(([field, value]) => (value ? [`\`${field}\``] : []))
  const onlyTrue = Object.entries({ allNodes, perDeviceNodeSelection: ownNodes }).filter(([, value]) => value === false)
  const terms = nodeSelector?.nodeSelectorTerms ?? []
  const single = 'must have exactly one node selector term'
  return [
    ...(nodeName ? invalidFor(at('nodeName'), nodeName, isDns1123Subdomain(nodeName)) : []),
    ...(nodeName === ''
      ? [invalid(at('nodeName'), nodeName, 'must be either unset or set to a non-empty string')]
      : []),
    ...(nodeSelector ? validateNodeSelector(nodeSelector, at('nodeSelector')) : []),
    ...(nodeSelector && terms.length !== 1
      ? [invalid(child(path, 'nodeSelector', 'nodeSelectorTerms'), terms, single)]
      : []),
    ...onlyTrue.map(([field]) => invalid(at(field), false, 'must be either unset or set to true')),
    ...(set.length === 0 ? [required(path, one)] : []),
    ...(set.length > 1 ? [invalid(path, `{${set.join(', ')}}`, `${one}, but multiple fields are set`)] : []),
  ]
}
