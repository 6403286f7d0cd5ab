import type { StatusCause } from '../../shared/api/object.ts'
import { invalid, required } from '../../shared/machinery/field-errors.ts'
import { isDns1123Subdomain } from '../../shared/machinery/names.ts'
import { invalidFor } from './faults.ts'

const pathPattern = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+"

/** A name such as `acme.io/foo` (apimachinery/pkg/util/validation IsDomainPrefixedPath). */
export function validateDomainPrefixedPath(path: string, value: string): StatusCause[] {
  if (value === '') return [required(path)]
  const slash = value.indexOf('/')
  const [host, rest] = [value.slice(0, slash), value.slice(slash + 1)]
  if (slash < 1 || rest === '') return [invalid(path, value, 'must be a domain-prefixed path (such as "acme.io/foo")')]
  const isPath = new RegExp(`^${pathPattern}$`).test(rest)
  return [
    ...invalidFor(path, host, isDns1123Subdomain(host)),
    ...(isPath ? [] : [invalid(path, rest, `Invalid path (regex used for validation is '${pathPattern}')`)]),
  ]
}
