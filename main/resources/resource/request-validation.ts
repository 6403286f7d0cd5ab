import type { StatusCause } from '../../../shared/api/object.ts'
import type { ResourceClaim } from '../../../shared/api/resource.ts'
import { child, invalid, notSupported, required } from '../../../shared/machinery/field-errors.ts'
import { isLabelValue } from '../../../shared/machinery/names.ts'
import { invalidFor, knownOnly, optionalOneOf } from '../faults.ts'
import { validateList, validateSet } from './bounded.ts'
import { validateSelectors } from './configuration-validation.ts'
import { validateClassName, validateDnsLabel, validateLabelName } from './name-validation.ts'

type Devices = NonNullable<ResourceClaim['spec']['devices']>
type Request = NonNullable<Devices['requests']>[number]
type Exactly = NonNullable<Request['exactly']>
type Toleration = NonNullable<Exactly['tolerations']>[number]

export const taintEffects = ['NoExecute', 'NoSchedule', 'None']

/** Faults of one request of a claim (pkg/apis/resource/validation validateDeviceRequest). */
export function validateRequest({ name, exactly, firstAvailable = [] }: Request, path: string): StatusCause[] {
  const one = 'exactly one of `exactly` or `firstAvailable` is required'
  const nameFaults = validateDnsLabel(name, child(path, 'name'))
  if (firstAvailable.length === 0) {
    const rest = exactly ? validateWish(exactly, child(path, 'exactly')) : [required(path, one)]
    return [...nameFaults, ...rest]
  }
  if (exactly) return [...nameFaults, invalid(path, null, `${one}, but multiple fields are set`)]
  return [
    ...nameFaults,
    ...validateSet(firstAvailable, {
      path: child(path, 'firstAvailable'),
      max: 8,
      keyOf: wish => wish.name,
      check: (wish, at) => [...validateDnsLabel(wish.name, child(at, 'name')), ...validateWish(wish, at)],
    }),
  ]
}

type Wish = Pick<Exactly, 'deviceClassName' | 'selectors' | 'allocationMode' | 'count' | 'tolerations'>

function validateWish(wish: Wish, path: string): StatusCause[] {
  const at = (field: string) => child(path, field)
  return [
    ...validateClassName(wish.deviceClassName, at('deviceClassName')),
    ...validateSelectors(wish.selectors, at('selectors')),
    ...validateCount(wish, path),
    ...validateList(wish.tolerations, { path: at('tolerations'), max: Infinity, check: validateToleration }),
  ]
}

function validateCount({ allocationMode = '', count = 0 }: Wish, path: string): StatusCause[] {
  const at = child(path, 'count')
  switch (allocationMode) {
    case 'All':
      return count === 0 ? [] : [invalid(at, count, "must not be specified when allocationMode is 'All'")]
    case 'ExactCount':
      return count > 0 ? [] : [invalid(at, count, 'must be greater than zero')]
    default:
      return [notSupported(child(path, 'allocationMode'), allocationMode, ['All', 'ExactCount'])]
  }
}

function validateToleration({ key, operator = '', value = '', effect }: Toleration, path: string): StatusCause[] {
  const valuePath = child(path, 'value')
  const operatorPath = child(path, 'operator')
  const operatorFaults =
    operator === ''
      ? [required(operatorPath)]
      : operator === 'Exists'
        ? value
          ? [invalid(valuePath, value, 'must be empty for operator `Exists`')]
          : []
        : operator === 'Equal'
          ? invalidFor(valuePath, value, isLabelValue(value))
          : knownOnly(operatorPath, operator, ['Equal', 'Exists'])
  return [
    ...(key ? validateLabelName(key, child(path, 'key')) : []),
    ...operatorFaults,
    ...optionalOneOf(child(path, 'effect'), effect, taintEffects),
  ]
}
