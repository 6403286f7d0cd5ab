import type { StatusCause } from '../../../shared/api/object.ts'
import { invalid, required, tooLong } from '../../../shared/machinery/field-errors.ts'
import {
  byteLength,
  isCIdentifier,
  isDns1123Label,
  isDns1123Subdomain,
  isQualifiedName,
} from '../../../shared/machinery/names.ts'
import { invalidFor } from '../faults.ts'
import { validateDriverName } from '../storage/driver-name.ts'

/** How long names of attributes and capacities are with their domain. */
export const qualifiedNameLength = 63 + 1 + 32
const identifierLength = 32
const poolLength = 253

export const validateLabelName = (name: string, path: string) => invalidFor(path, name, isQualifiedName(name))
export const validateDnsLabel = (name: string, path: string) => invalidFor(path, name, isDns1123Label(name))
const validateSubdomain = (name: string, path: string) => invalidFor(path, name, isDns1123Subdomain(name))

/** Subdomains separated by slashes (validatePoolName). */
export function validatePoolName(name: string, path: string): StatusCause[] {
  if (!name) return [required(path)]
  return [
    ...(byteLength(name) > poolLength ? [tooLong(path, poolLength)] : []),
    ...name.split('/').flatMap(part => validateSubdomain(part, path)),
  ]
}

/** The name of a DeviceClass, which must be given. */
export function validateClassName(name: string, path: string): StatusCause[] {
  return name ? validateSubdomain(name, path) : [required(path)]
}

/** An identifier, with the domain of the one who has given it before a slash or not (validateQualifiedName). */
export function validateQualifiedName(name: string, path: string): StatusCause[] {
  const [first = '', second, ...more] = name.split('/')
  if (second === undefined) return validateIdentifier(first, path)
  if (more.length > 0) return []
  return [
    ...(first ? validateDriverName(path, first) : [invalid(path, '', 'the domain must not be empty')]),
    ...(second ? validateIdentifier(second, path) : [invalid(path, '', 'the name must not be empty')]),
  ]
}

/** A qualified name that has a domain. */
export function validateFullyQualifiedName(name: string, path: string): StatusCause[] {
  const detail = 'a fully qualified name must be a domain and a name separated by a slash'
  return [...validateQualifiedName(name, path), ...(name.includes('/') ? [] : [invalid(path, name, detail)])]
}

function validateIdentifier(name: string, path: string): StatusCause[] {
  return [
    ...(byteLength(name) > identifierLength ? [tooLong(path, identifierLength)] : []),
    ...invalidFor(path, name, isCIdentifier(name)),
  ]
}

/** A UUID as it is usually written (validateUID). */
export function validateUid(uid: string, path: string): StatusCause[] {
  const wrong = (why: string) => [invalid(path, uid, why)]
  const normal =
    'uid must be in RFC 4122 normalized form, `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` with lowercase hexadecimal characters'
  const form = /^(urn:uuid:)?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
  const isUuid = form.test(uid) || /^\{.{36}\}$/.test(uid) || /^[0-9a-f]{32}$/i.test(uid)
  if (!isUuid)
    return wrong(
      `error validating uid: ${[32, 36, 38, 45].includes(uid.length) ? 'invalid UUID format' : `invalid UUID length: ${uid.length}`}`,
    )
  return uid.length === 36 && uid === uid.toLowerCase() ? [] : wrong(normal)
}
