import type { StatusCause } from '../../../../shared/api/object.ts'
import { forbidden } from '../../../../shared/machinery/field-errors.ts'
import { knownOnly } from '../../faults.ts'

const shortNames = { ReadWriteOnce: 'RWO', ReadOnlyMany: 'ROX', ReadWriteMany: 'RWX', ReadWriteOncePod: 'RWOP' }
const known = Object.keys(shortNames).sort()

/** Faults of access modes; that there is one is checked by the caller. */
export function validateAccessModes(modes: string[], path: string): StatusCause[] {
  const mixed =
    modes.includes('ReadWriteOncePod') && modes.some(mode => known.includes(mode) && mode !== 'ReadWriteOncePod')
  return [
    ...modes.flatMap(mode => knownOnly(path, mode, known)),
    ...(mixed ? [forbidden(path, 'may not use ReadWriteOncePod with other access modes')] : []),
  ]
}

/** `RWO,RWX` (helper.GetAccessModesAsString). */
export function printAccessModes(modes: string[] = []): string {
  return Object.entries(shortNames)
    .filter(([mode]) => modes.includes(mode))
    .map(([, short]) => short)
    .join(',')
}
