import type { StatusCause } from '../../../shared/api/object.ts'
import { invalid } from '../../../shared/machinery/field-errors.ts'
import { compareQuantities, parseQuantity, quantityValue } from '../../../shared/machinery/quantity.ts'
import { negative } from '../faults.ts'

/** Resources that come in whole units: counted objects, and every extended resource (helper.IsIntegerResourceName). */
const counted = new Set([
  'pods',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services',
  'services.nodeports',
  'services.loadbalancers',
])

/** Whether a resource belongs to nobody at kubernetes.io: `example.com/gpu` (helper.IsExtendedResourceName). */
export function isExtendedResource(name: string): boolean {
  const native = !name.includes('/') || name.includes('kubernetes.io/')
  return !native && !name.startsWith('requests.')
}

/** An amount of a resource: never negative, whole where only whole makes sense (ValidateResourceQuantityValue). */
export function validateQuantity(resource: string, value: string, path: string): StatusCause[] {
  const whole = counted.has(resource) || isExtendedResource(resource)
  return [
    ...(compareQuantities(value, 0) < 0 ? [invalid(path, value, negative)] : []),
    ...(whole && parseQuantity(value).nanos % 1_000_000_000n !== 0n
      ? [invalid(path, value, 'must be an integer')]
      : []),
  ]
}

/** Never negative (validateBasicResource). */
export function validateBasicQuantity(value: string, path: string): StatusCause[] {
  const units = quantityValue(value)
  return units < 0 ? [invalid(path, units, 'must be a valid resource quantity')] : []
}

/** More than nothing (ValidatePositiveQuantityValue). */
export function validatePositiveQuantity(value: string, path: string): StatusCause[] {
  return compareQuantities(value, 0) > 0 ? [] : [invalid(path, value, 'must be greater than zero')]
}
