import type { StatusCause } from '../../../shared/api/object.ts'
import type { ResourceSlice } from '../../../shared/api/resource.ts'
import { child, forbidden, index, invalid, required } from '../../../shared/machinery/field-errors.ts'
import { addQuantities, compareQuantities, formatQuantity, quantityValue } from '../../../shared/machinery/quantity.ts'
import { validateSet } from './bounded.ts'

type Device = NonNullable<ResourceSlice['spec']['devices']>[number]
type Capacity = NonNullable<Device['capacity']>[string]
type Policy = NonNullable<Capacity['requestPolicy']>

/** Faults of how much of a device can be had (validateMultiAllocatableDeviceCapacity and the like). */
export function validateCapacity({ value, requestPolicy }: Capacity, path: string, shared: boolean): StatusCause[] {
  if (!requestPolicy) return []
  const at = child(path, 'requestPolicy')
  return shared ? validatePolicy(requestPolicy, at, value) : [forbidden(at, 'allowMultipleAllocations must be true')]
}

function validatePolicy(policy: Policy, path: string, capacity: string): StatusCause[] {
  const { validValues: values = [], validRange: range, default: usual } = policy
  const both = 'exactly one policy can be specified, cannot specify "validValues" and "validRange" at the same time'
  const missing = (what: string) => [required(child(path, 'default'), `required when ${what} is defined`)]
  if (values.length > 0 && range) return [forbidden(path, both)]
  if (values.length > 0) {
    return usual === undefined
      ? missing('validValues')
      : validateValues(values, { path: child(path, 'validValues'), usual, capacity })
  }
  if (!range) return []
  return usual === undefined
    ? missing('validRange')
    : validateRange(range, { path: child(path, 'validRange'), usual, capacity })
}

interface Rules {
  path: string
  /** What is had by those who do not say. */
  usual: string
  capacity: string
}

function validateValues(values: string[], { path, usual, capacity }: Rules): StatusCause[] {
  const unsorted = values.flatMap((value, i) =>
    compareQuantities(values[i - 1] ?? value, value) > 0
      ? [invalid(index(path, i), value, 'values must be sorted in ascending order')]
      : [],
  )
  return [
    ...unsorted,
    ...validateSet(values, {
      path,
      max: 10,
      keyOf: value => String(quantityValue(value)),
      check: (value, at) =>
        compareQuantities(value, capacity) > 0
          ? [invalid(at, value, `option is larger than capacity value: ${capacity}`)]
          : [],
    }),
    ...(values.length <= 10 && values.some(value => compareQuantities(value, usual) === 0)
      ? []
      : [invalid(path, usual, 'default value is not valid according to the requestPolicy')]),
  ]
}

type Range = NonNullable<Policy['validRange']>

function validateRange({ min, max, step }: Partial<Range>, { path, usual, capacity }: Rules): StatusCause[] {
  const at = (field: string) => child(path, field)
  if (min === undefined) return [required(at('min'), 'required when validRange is defined')]
  const more = (a: string, b: string, fault: StatusCause) => (compareQuantities(a, b) > 0 ? [fault] : [])
  return [
    ...more(min, capacity, invalid(at('min'), min, `min is larger than capacity value: ${capacity}`)),
    ...more(min, usual, invalid(at('min'), usual, `default is less than min: ${min}`)),
    ...(max === undefined
      ? []
      : [
          ...more(min, max, invalid(at('max'), min, `min is larger than max: ${max}`)),
          ...more(max, capacity, invalid(at('max'), max, `max is larger than capacity value: ${capacity}`)),
          ...more(usual, max, invalid(at('max'), usual, `default is more than max: ${max}`)),
        ]),
    ...(step === undefined ? [] : validateStep({ min, max, step }, { path: at('step'), usual, capacity })),
  ]
}

interface Steps {
  min: string
  max: string | undefined
  step: string
}

function validateStep({ min, max, step }: Steps, { path, usual, capacity }: Rules): StatusCause[] {
  const first = formatQuantity(addQuantities(min, step))
  const beside = [usual, ...(max === undefined ? [] : [max])].filter(
    value => (quantityValue(value) - quantityValue(min)) % quantityValue(step) !== 0,
  )
  return [
    ...(compareQuantities(first, capacity) > 0
      ? [invalid(path, step, `one step ${first} is larger than capacity value: ${capacity}`)]
      : []),
    ...beside.map(value => invalid(path, value, `value is not a multiple of a given step (${step}) from (${min})`)),
  ]
}
