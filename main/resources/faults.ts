import type { StatusCause } from '../../shared/api/object.ts'
import { invalid, notSupported, required } from '../../shared/machinery/field-errors.ts'

/** One cause for each text that a check of a name or value gave. */
export function invalidFor(path: string, value: unknown, texts: readonly string[]): StatusCause[] {
  return texts.map(text => invalid(path, value, text))
}

export const negative = 'must be greater than or equal to 0'

/** Nothing for an absent number. */
export function nonNegative(path: string, value: number | undefined): StatusCause[] {
  return value !== undefined && value < 0 ? [invalid(path, value, negative)] : []
}

export const immutable = 'field is immutable'

/** The value must be there and be one of those that are supported. */
export function oneOf(path: string, value: string | undefined, supported: readonly string[]): StatusCause[] {
  if (!value) return [required(path)]
  return supported.includes(value) ? [] : [notSupported(path, value, supported)]
}

/** Nothing, or what is supported. */
export function optionalOneOf(path: string, value: string | undefined, supported: readonly string[]): StatusCause[] {
  return !value || supported.includes(value) ? [] : [notSupported(path, value, supported)]
}

/** What is supported, of which '' is no part. */
export function knownOnly(path: string, value: string, supported: readonly string[]): StatusCause[] {
  return supported.includes(value) ? [] : [notSupported(path, value, supported)]
}

/** For each item whether an earlier one has the same key; in time that grows with the list, however long a client makes it. */
export function repeats<T>(items: readonly T[], key: (item: T) => unknown): boolean[] {
  const seen = new Set<unknown>()
  return items.map(item => {
    const before = seen.size
    return seen.add(key(item)).size === before
  })
}
