import type { StatusCause } from '../../../shared/api/object.ts'
import type { ResourceSlice } from '../../../shared/api/resource.ts'
import { child, invalid, required, tooLong } from '../../../shared/machinery/field-errors.ts'
import { jsonEqual } from '../../../shared/machinery/json-value.ts'
import { byteLength, isDns1123Subdomain, isLabelValue } from '../../../shared/machinery/names.ts'
import { validateNodeSelector } from '../core/pod/affinity-validation.ts'
import { invalidFor, oneOf } from '../faults.ts'
import { validateBindingConditions } from './binding-condition-validation.ts'
import { validateList, validateMap, validateSet } from './bounded.ts'
import { validateCapacity } from './capacity-validation.ts'
import { qualifiedNameLength, validateDnsLabel, validateLabelName, validateQualifiedName } from './name-validation.ts'
import { taintEffects } from './request-validation.ts'

type Device = NonNullable<ResourceSlice['spec']['devices']>[number]
type Attribute = NonNullable<Device['attributes']>[string]
type Taint = NonNullable<Device['taints']>[number]

/** Attributes and capacities together. */
const propertyLimit = 32
const valueLength = 64

interface Rules {
  path: string
  old: Device | undefined
  /** Each device says itself which nodes it can be reached from. */
  ownNodes: boolean
}

/** Faults of a device (pkg/apis/resource/validation validateDevice). */
export function validateDevice(device: Device, { path, old, ownNodes }: Rules): StatusCause[] {
  const at = (field: string) => child(path, field)
  const { attributes = {}, capacity = {}, allowMultipleAllocations: shared = false } = device
  const properties = Object.keys(attributes).length + Object.keys(capacity).length
  const names = { shown: qualifiedNameLength, checkKey: validateQualifiedName }
  const many = `the total number of attributes and capacities must not exceed ${propertyLimit}`
  const sameTaints = old !== undefined && jsonEqual(old.taints ?? [], device.taints ?? [])
  return [
    ...validateDnsLabel(device.name, at('name')),
    ...(properties > propertyLimit ? [invalid(path, properties, many)] : []),
    ...validateMap(attributes, { path: at('attributes'), ...names, check: validateAttribute }),
    ...validateMap(capacity, {
      path: at('capacity'),
      ...names,
      check: (amount, place) => validateCapacity(amount, place, shared),
    }),
    ...(sameTaints ? [] : validateList(device.taints, { path: at('taints'), max: 16, check: validateTaint })),
    ...validateSet(device.consumesCounters, {
      path: at('consumesCounters'),
      max: 2,
      keyOf: ({ counterSet }) => counterSet,
      check: ({ counterSet, counters }, place) =>
        validateCounters({ name: counterSet, counters }, { path: place, nameField: 'counterSet' }),
    }),
    ...(ownNodes ? validateNodes(device, path) : validateNoNodes(device, path)),
    ...validateBindingConditions(device, path),
  ]
}

interface Counters {
  name: string
  counters: Record<string, unknown> | undefined
}

/** Faults of counters under a name (validateCounterSet, validateDeviceCounterConsumption). */
export function validateCounters(
  { name, counters = {} }: Counters,
  { path, nameField }: { path: string; nameField: string },
): StatusCause[] {
  const [namePath, at] = [child(path, nameField), child(path, 'counters')]
  const none = Object.keys(counters).length === 0
  return [
    ...(name ? validateDnsLabel(name, namePath) : [required(namePath)]),
    ...(none
      ? [required(at)]
      : validateMap(counters, { path: at, max: 32, shown: 63, checkKey: validateDnsLabel, check: () => [] })),
  ]
}

const semver =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(\.(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*)?(\+[0-9a-zA-Z-]+(\.[0-9a-zA-Z-]+)*)?$/

function validateAttribute(attribute: Attribute, path: string): StatusCause[] {
  const { string, version, bool, int } = attribute
  const given = [string, version, bool, int].filter(value => value !== undefined).length
  const long = (field: string, value: string) =>
    byteLength(value) > valueLength ? [tooLong(child(path, field), valueLength)] : []
  const form = 'must be a string compatible with semver.org spec 2.0.0'
  return [
    ...(string === undefined ? [] : long('string', string)),
    ...(version === undefined || semver.test(version) ? [] : [invalid(child(path, 'version'), version, form)]),
    ...(version === undefined ? [] : long('version', version)),
    ...(given === 1
      ? []
      : [invalid(path, given === 0 ? '' : asGoPrints(attribute), 'exactly one value must be specified')]),
  ]
}

/** Upstream prints its internal type, whose fields have no JSON names. */
const asGoPrints = ({ int, bool, string, version }: Attribute) => ({
  IntValue: int ?? null,
  BoolValue: bool ?? null,
  StringValue: string ?? null,
  VersionValue: version ?? null,
  IntValues: null,
  BoolValues: null,
  StringValues: null,
  VersionValues: null,
})

function validateTaint({ key, value = '', effect }: Taint, path: string): StatusCause[] {
  return [
    ...validateLabelName(key, child(path, 'key')),
    ...(value ? invalidFor(child(path, 'value'), value, isLabelValue(value)) : []),
    ...oneOf(child(path, 'effect'), effect, taintEffects),
  ]
}

function validateNodes({ nodeName, nodeSelector, allNodes }: Device, path: string): StatusCause[] {
  const one =
    'exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec'
  const set = [
    ...(nodeName ? ['`nodeName`'] : []),
    ...(nodeSelector ? ['`nodeSelector`'] : []),
    ...(allNodes ? ['`allNodes`'] : []),
  ]
  const namePath = child(path, 'nodeName')
  return [
    ...(nodeName ? invalidFor(namePath, nodeName, isDns1123Subdomain(nodeName)) : []),
    ...(nodeName === '' ? [invalid(namePath, nodeName, 'must not be empty')] : []),
    ...(nodeSelector ? validateNodeSelector(nodeSelector, child(path, 'nodeSelector')) : []),
    ...(allNodes === false ? [invalid(child(path, 'allNodes'), allNodes, 'must be either unset or set to true')] : []),
    ...(set.length === 0 ? [required(path, one)] : []),
    ...(set.length > 1 ? [invalid(path, `{${set.join(', ')}}`, one)] : []),
  ]
}

function validateNoNodes({ nodeName, nodeSelector, allNodes }: Device, path: string): StatusCause[] {
  const detail =
    '`nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec'
  const none = nodeName === undefined && nodeSelector === undefined && allNodes === undefined
  return none ? [] : [invalid(path, null, detail)]
}
