import type { StatusCause } from '../../../shared/api/object.ts'
import { invalid, required, tooLong } from '../../../shared/machinery/field-errors.ts'
import { byteLength, isQualifiedName } from '../../../shared/machinery/names.ts'
import { invalidFor } from '../faults.ts'

const countLimit = 512
/** Keys and values of all parameters together, in bytes. */
const sizeLimit = 256 * 1024

/** Faults of the name of who makes volumes (pkg/apis/storage/validation validateProvisioner). */
export function validateProvisioner(path: string, name: string): StatusCause[] {
  return name ? invalidFor(path, name, isQualifiedName(name.toLowerCase())) : [required(path)]
}

/** Faults of what a class tells the one who makes volumes (validateParameters). */
export function validateParameters(path: string, parameters: Record<string, string> = {}): StatusCause[] {
  const entries = Object.entries(parameters)
  // Upstream counts entries here and still speaks of bytes.
  if (entries.length > countLimit) return [tooLong(path, countLimit)]
  const size = entries.reduce((sum, [key, value]) => sum + byteLength(key) + byteLength(value), 0)
  return [
    ...(Object.hasOwn(parameters, '') ? [invalid(path, '', 'field can not be empty.')] : []),
    ...(size > sizeLimit ? [tooLong(path, sizeLimit)] : []),
  ]
}
