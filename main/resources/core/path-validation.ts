import type { StatusCause } from '../../../shared/api/object.ts'
import { invalid } from '../../../shared/machinery/field-errors.ts'

/** No step of the path leads up (validatePathNoBacksteps). */
export function validateNoBacksteps(path: string, value: string): StatusCause[] {
  return value.split('/').includes('..') ? [invalid(path, value, "must not contain '..'")] : []
}

/** A path below something: relative and without steps up (validateLocalDescendingPath). */
export function validateDescendingPath(path: string, value: string): StatusCause[] {
  const absolute = value.startsWith('/') ? [invalid(path, value, 'must be a relative path')] : []
  return [...absolute, ...validateNoBacksteps(path, value)]
}

/** A file in a projected volume: names that start with `..` are the volume's own (ValidateLocalNonReservedPath). */
export function validateFilePath(path: string, value: string): StatusCause[] {
  const reserved = value.startsWith('..') && !value.startsWith('../') && value !== '..'
  return [
    ...validateDescendingPath(path, value),
    ...(reserved ? [invalid(path, value, "must not start with '..'")] : []),
  ]
}

/** Permission bits of a file. */
export function validateMode(path: string, mode: number | undefined): StatusCause[] {
  if (mode === undefined || (mode >= 0 && mode <= 0o777)) return []
  return [invalid(path, mode, 'must be a number between 0 and 0777 (octal), both inclusive')]
}
