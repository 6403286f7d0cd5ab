import type { StatusCause } from '../../shared/api/object.ts'
import { invalid } from '../../shared/machinery/field-errors.ts'
import type { IntOrString } from '../../shared/machinery/int-or-percent.ts'
import { isPercent } from '../../shared/machinery/names.ts'
import { invalidFor, nonNegative } from './faults.ts'

/** A number that is not negative, or a percentage (pkg/apis/apps/validation ValidatePositiveIntOrPercent). */
export function validateIntOrPercent(path: string, value: IntOrString): StatusCause[] {
  return typeof value === 'string' ? invalidFor(path, value, isPercent(value)) : nonNegative(path, value)
}

/** A percentage is not of more than there is (IsNotMoreThan100Percent). */
export function validateShare(path: string, value: IntOrString): StatusCause[] {
  const beyond = typeof value === 'string' && isPercent(value).length === 0 && amountOf(value) > 100
  return beyond ? [invalid(path, value, 'must not be greater than 100%')] : []
}

/** The number before the percent sign; 0 for text that is no number (getIntOrPercentValue). */
export function amountOf(value: IntOrString): number {
  return typeof value === 'number' ? value : Number(/^(\d+)%?$/.exec(value)?.[1] ?? 0)
}
