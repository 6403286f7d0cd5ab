import type { LimitRange } from '../../../../shared/api/core.ts'
import type { StatusCause } from '../../../../shared/api/object.ts'
import {
  child,
  duplicate,
  forbidden,
  index,
  invalid,
  key,
  required,
} from '../../../../shared/machinery/field-errors.ts'
import { isQualifiedName } from '../../../../shared/machinery/names.ts'
import { compareQuantities, quantityMilli } from '../../../../shared/machinery/quantity.ts'
import { invalidFor, repeats } from '../../faults.ts'
import {
  isOvercommittable,
  validateContainerResourceName,
  validateResourceName,
} from '../container/resource-validation.ts'

type Item = LimitRange['spec']['limits'][number]

const lists = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const
const types = ['Pod', 'Container', 'PersistentVolumeClaim']

/** Faults of a LimitRange (pkg/apis/core/validation ValidateLimitRange). */
export function validateLimitRange({ spec: { limits } }: LimitRange): StatusCause[] {
  const repeated = repeats(limits, ({ type }) => type)
  return limits.flatMap((item, i) => {
    const path = index('spec.limits', i)
    return [
      ...validateType(item.type, child(path, 'type')),
      ...(repeated[i] ? [duplicate(child(path, 'type'), item.type)] : []),
      ...validateItem(item, path),
    ]
  })
}

function validateType(type: string, path: string): StatusCause[] {
  const malformed = invalidFor(path, type, isQualifiedName(type))
  const known = type.includes('/') || types.includes(type)
  if (malformed.length > 0 || known) return malformed
  return [invalid(path, type, 'must be a standard limit type or fully qualified')]
}

function validateItem(item: Item, path: string): StatusCause[] {
  const ofPod = item.type === 'Pod'
  const checkName = ofPod || item.type === 'Container' ? validateContainerResourceName : validateResourceName
  const misplaced = (['default', 'defaultRequest'] as const).filter(
    list => ofPod && Object.keys(item[list] ?? {}).length > 0,
  )
  const counted = ofPod ? lists.filter(list => !list.startsWith('default')) : lists
  const names = new Set(counted.flatMap(list => Object.keys(item[list] ?? {})))
  const storage = item.type === 'PersistentVolumeClaim' && !item.min?.['storage'] && !item.max?.['storage']
  const bound = 'either minimum or maximum storage value is required, but neither was provided'
  return [
    ...misplaced.map(list => forbidden(child(path, list), "may not be specified when `type` is 'Pod'")),
    ...counted.flatMap(list =>
      Object.keys(item[list] ?? {}).flatMap(name => checkName(name, key(child(path, list), name))),
    ),
    ...(storage ? [required(child(path, 'limits'), bound)] : []),
    ...[...names].flatMap(name => validateOrder(ofPod ? withoutDefaults(item) : item, { name, path })),
  ]
}

const withoutDefaults = ({ default: _limits, defaultRequest: _requests, ...item }: Item): Item => item

/** What is said of one resource must fit together: minimum, default request, default limit, maximum. */
function validateOrder(item: Item, { name, path }: { name: string; path: string }): StatusCause[] {
  const at = (list: (typeof lists)[number]) => key(child(path, list), name)
  const {
    min,
    max,
    default: limit,
    defaultRequest: request,
  } = {
    min: item.min?.[name],
    max: item.max?.[name],
    default: item.default?.[name],
    defaultRequest: item.defaultRequest?.[name],
  }
  const faults: StatusCause[] = []
  const ordered = (
    low: string | undefined,
    high: string | undefined,
    fault: (low: string, high: string) => StatusCause,
  ) => {
    if (low !== undefined && high !== undefined && compareQuantities(low, high) > 0) faults.push(fault(low, high))
  }
  ordered(min, max, (a, b) => invalid(at('min'), a, `min value ${a} is greater than max value ${b}`))
  ordered(min, request, (a, b) =>
    invalid(at('defaultRequest'), b, `min value ${a} is greater than default request value ${b}`),
  )
  ordered(request, max, (a, b) =>
    invalid(at('defaultRequest'), a, `default request value ${a} is greater than max value ${b}`),
  )
  ordered(request, limit, (a, b) =>
    invalid(at('defaultRequest'), a, `default request value ${a} is greater than default limit value ${b}`),
  )
  ordered(min, limit, (a, b) => invalid(at('default'), a, `min value ${a} is greater than default value ${b}`))
  ordered(limit, max, (a, b) => invalid(at('default'), b, `default value ${a} is greater than max value ${b}`))
  if (
    limit !== undefined &&
    request !== undefined &&
    !isOvercommittable(name) &&
    compareQuantities(limit, request) !== 0
  ) {
    const detail = `default value ${limit} must equal to defaultRequest value ${request} in ${name}`
    faults.push(invalid(at('defaultRequest'), request, detail))
  }
  return [
    ...faults,
    ...validateRatio({ ratio: item.maxLimitRequestRatio?.[name], min, max }, at('maxLimitRequestRatio')),
  ]
}

interface Ratio {
  ratio: string | undefined
  min: string | undefined
  max: string | undefined
}

function validateRatio({ ratio, min, max }: Ratio, path: string): StatusCause[] {
  if (ratio === undefined) return []
  const faults = compareQuantities(ratio, 1) < 0 ? [invalid(path, ratio, `ratio ${ratio} is less than 1`)] : []
  if (min === undefined || max === undefined) return faults
  const most = quantityMilli(max) / quantityMilli(min)
  if (quantityMilli(ratio) / 1000 <= most) return faults
  return [...faults, invalid(path, ratio, `ratio ${ratio} is greater than max/min = ${most.toFixed(6)}`)]
}
