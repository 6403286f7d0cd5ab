import type { StatusCause } from '../../../shared/api/object.ts'
import { required, tooLong } from '../../../shared/machinery/field-errors.ts'
import { byteLength, isDns1123Subdomain } from '../../../shared/machinery/names.ts'
import { invalidFor } from '../faults.ts'

/** Faults of the name of a CSI driver where another object says it (ValidateCSIDriverName). */
export function validateDriverName(path: string, name: string): StatusCause[] {
  if (!name) return [required(path)]
  return [
    ...(byteLength(name) > 63 ? [tooLong(path, 63)] : []),
    ...invalidFor(path, name, isDns1123Subdomain(name.toLowerCase())),
  ]
}
