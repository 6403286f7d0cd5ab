import type { StatusCause } from '../../../shared/api/object.ts'
import { isPortName, isPortNumber } from '../../../shared/machinery/names.ts'
import { invalidFor } from '../faults.ts'

/** A port by number or by the name it has in the container. */
export function validatePortNumberOrName(path: string, port: number | string): StatusCause[] {
  return invalidFor(path, port, typeof port === 'number' ? isPortNumber(port) : isPortName(port))
}
