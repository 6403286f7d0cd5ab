import type { StatusCause } from '../../../shared/api/object.ts'
import type { ResourceClaim } from '../../../shared/api/resource.ts'
import { child, forbidden, invalid, required, tooLong, tooMany } from '../../../shared/machinery/field-errors.ts'
import { jsonEqual } from '../../../shared/machinery/json-value.ts'
import { byteLength } from '../../../shared/machinery/names.ts'
import { validateConditions } from '../conditions-validation.ts'
import { immutable, oneOf } from '../faults.ts'
import { validateInterfaceAddress } from '../ip-faults.ts'
import { validateNodeSelector } from '../core/pod/affinity-validation.ts'
import { validateDriverName } from '../storage/driver-name.ts'
import { validateBindingConditions } from './binding-condition-validation.ts'
import { validateList, validateSet } from './bounded.ts'
import { listLimit, requestNamesOf, validateRequestRef, validateRequestRefs } from './claim-spec-validation.ts'
import { validateConfiguration, validateRaw } from './configuration-validation.ts'
import { validateDnsLabel, validatePoolName, validateUid } from './name-validation.ts'

type Status = NonNullable<ResourceClaim['status']>
type Allocation = NonNullable<Status['allocation']>
type Result = NonNullable<NonNullable<Allocation['devices']>['results']>[number]
type Device = NonNullable<Status['devices']>[number]
type Consumer = NonNullable<Status['reservedFor']>[number]

/** Which part of which device it is; upstream prints its internal type, whose fields have no JSON names. */
export const deviceIdOf = ({
  driver,
  pool,
  device,
  shareID = '',
}: Pick<Device, 'driver' | 'pool' | 'device' | 'shareID'>) => ({
  Driver: driver,
  Pool: pool,
  Device: device,
  ShareID: shareID,
})

/** Faults of what a claim has got (pkg/apis/resource/validation ValidateResourceClaimStatusUpdate). */
export function validateClaimStatus(object: ResourceClaim, old: ResourceClaim): StatusCause[] {
  const { reservedFor = [], devices, allocation } = object.status ?? {}
  const { allocation: before } = old.status ?? {}
  const results = allocation?.devices?.results ?? []
  const allocated = new Set(results.map(result => JSON.stringify(deviceIdOf(result))))
  const changed = before && allocation && !jsonEqual(before, allocation)
  return [
    ...validateSet(reservedFor, {
      path: 'status.reservedFor',
      max: 256,
      keyOf: ({ uid }) => uid,
      check: validateConsumer,
    }),
    ...validateSet(devices, {
      path: 'status.devices',
      max: Infinity,
      keyOf: deviceIdOf,
      check: (device, path) => validateDevice(device, path, allocated),
    }),
    ...validateReservation(object, old),
    ...(changed ? [invalid('status.allocation', allocation, immutable)] : []),
    ...(allocation && !before ? validateAllocation(allocation, requestNamesOf(object.spec)) : []),
  ]
}

function validateConsumer({ resource, name, uid }: Consumer, path: string): StatusCause[] {
  const missing = Object.entries({ resource, name, uid }).filter(([, value]) => !value)
  return missing.map(([field]) => required(child(path, field)))
}

function validateReservation({ metadata, status }: ResourceClaim, old: ResourceClaim): StatusCause[] {
  const path = 'status.reservedFor'
  const reserved = status?.reservedFor ?? []
  if (reserved.length === 0) return []
  if (!status?.allocation) return [forbidden(path, 'may not be specified when `allocated` is not set')]
  const known = new Set((old.status?.reservedFor ?? []).map(consumer => JSON.stringify(consumer)))
  const added = reserved.some(consumer => !known.has(JSON.stringify(consumer)))
  return metadata.deletionTimestamp !== undefined && added
    ? [forbidden(path, 'new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set')]
    : []
}

function validateAllocation({ devices, nodeSelector }: Allocation, names: ReadonlySet<string>): StatusCause[] {
  const path = 'status.allocation'
  const at = (field: string) => child(path, 'devices', field)
  return [
    ...validateList(devices?.results, {
      path: at('results'),
      max: listLimit,
      check: (result, place) => validateResult(result, place, names),
    }),
    ...validateList(devices?.config, {
      path: at('config'),
      // Those of the class and those of the claim.
      max: 2 * listLimit,
      check: (config, place) => [
        ...oneOf(child(place, 'source'), config.source, ['FromClaim', 'FromClass']),
        ...validateRequestRefs(config.requests, child(place, 'requests'), names),
        ...validateConfiguration(config, place),
      ],
    }),
    ...(nodeSelector ? validateNodeSelector(nodeSelector, child(path, 'nodeSelector')) : []),
  ]
}

function validateResult(result: Result, path: string, names: ReadonlySet<string>): StatusCause[] {
  return [
    ...validateRequestRef(result.request, child(path, 'request'), names),
    ...validatePlace(result, path),
    ...validateBindingConditions(result, path),
  ]
}

function validatePlace(
  { driver, pool, device, shareID }: Pick<Device, 'driver' | 'pool' | 'device' | 'shareID'>,
  path: string,
): StatusCause[] {
  return [
    ...validateDriverName(child(path, 'driver'), driver),
    ...validatePoolName(pool, child(path, 'pool')),
    ...validateDnsLabel(device, child(path, 'device')),
    ...(shareID === undefined ? [] : validateUid(shareID, child(path, 'shareID'))),
  ]
}

function validateDevice(device: Device, path: string, allocated: ReadonlySet<string>): StatusCause[] {
  const { conditions = [], networkData } = device
  const data: unknown = device.data
  const id = deviceIdOf(device)
  const at = child(path, 'conditions')
  return [
    ...validatePlace(device, path),
    ...(allocated.has(JSON.stringify(id)) ? [] : [invalid(path, id, 'must be an allocated device in the claim')]),
    ...(conditions.length > 8 ? [tooMany(at, conditions.length, 8)] : []),
    ...validateConditions(conditions, at),
    ...(data === undefined ? [] : validateRaw(data, child(path, 'data'))),
    ...(networkData ? validateNetwork(networkData, child(path, 'networkData')) : []),
  ]
}

function validateNetwork(
  { interfaceName = '', hardwareAddress = '', ips }: NonNullable<Device['networkData']>,
  path: string,
): StatusCause[] {
  const within = (field: string, value: string, limit: number) =>
    byteLength(value) > limit ? [tooLong(child(path, field), limit)] : []
  return [
    ...within('interfaceName', interfaceName, 256),
    ...within('hardwareAddress', hardwareAddress, 128),
    ...validateSet(ips, {
      path: child(path, 'ips'),
      max: 16,
      keyOf: ip => ip,
      check: (ip, at) => validateInterfaceAddress(at, ip),
    }),
  ]
}
