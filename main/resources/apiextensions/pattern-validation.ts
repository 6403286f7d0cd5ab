import type { StatusCause } from '../../../shared/api/object.ts'
import { invalid } from '../../../shared/machinery/field-errors.ts'
import { patternFault } from '../custom/pattern.ts'

/** A pattern must compile. */
export function validatePattern(pattern: string, path: string): StatusCause[] {
  const fault = patternFault(pattern)
  return fault === undefined ? [] : [invalid(path, pattern, `must be a valid regular expression, but isn't: ${fault}`)]
}
