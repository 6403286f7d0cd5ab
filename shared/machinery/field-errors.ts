import type { StatusCause } from '../api/object.ts'

/**
 * The faults a validation finds, as the causes of an Invalid status: upstream's reasons and texts
 * (apimachinery/pkg/util/validation/field/errors.go). `field` is a path as `child`, `index` and `key` build it.
 */
export function required(field: string, detail = ''): StatusCause {
  return cause({ reason: 'FieldValueRequired', field, text: 'Required value', detail })
}

/** The value is not what the field takes; `detail` says what it takes. */
export function invalid(field: string, value: unknown, detail = ''): StatusCause {
  return cause({ reason: 'FieldValueInvalid', field, text: `Invalid value: ${show(value)}`, detail })
}

/** Says what is wrong without the value, which would be too much of it (upstream's OmitValueType). */
export function invalidAsWhole(field: string, detail: string): StatusCause {
  return cause({ reason: 'FieldValueInvalid', field, text: 'Invalid value', detail })
}

/** The JSON type is wrong; only custom resources answer this reason. */
export function typeInvalid(field: string, value: unknown, detail = ''): StatusCause {
  return cause({ reason: 'FieldValueTypeInvalid', field, text: `Invalid value: ${show(value)}`, detail })
}

/** The value is none of those that the field takes. */
export function notSupported(field: string, value: unknown, supported: readonly string[]): StatusCause {
  const detail = supported.length > 0 ? `supported values: ${supported.map(quote).join(', ')}` : ''
  return cause({ reason: 'FieldValueNotSupported', field, text: `Unsupported value: ${show(value)}`, detail })
}

/** The field must not be set, or not be changed, here. */
export function forbidden(field: string, detail: string): StatusCause {
  return cause({ reason: 'FieldValueForbidden', field, text: 'Forbidden', detail })
}

/** The value stands there already. */
export function duplicate(field: string, value: unknown): StatusCause {
  return cause({ reason: 'FieldValueDuplicate', field, text: `Duplicate value: ${show(value)}`, detail: '' })
}

/** What the value names is not there. */
export function notFoundValue(field: string, value: unknown): StatusCause {
  return cause({ reason: 'FieldValueNotFound', field, text: `Not found: ${show(value)}`, detail: '' })
}

/** `limit` counts bytes. */
export function tooLong(field: string, limit: number): StatusCause {
  const detail = `may not be more than ${limit} ${limit === 1 ? 'byte' : 'bytes'}`
  return cause({ reason: 'FieldValueTooLong', field, text: 'Too long', detail })
}

/** A list or map is too long. */
export function tooMany(field: string, actual: number, limit: number): StatusCause {
  const detail = `must have at most ${limit} ${limit === 1 ? 'item' : 'items'}`
  return cause({ reason: 'FieldValueTooMany', field, text: `Too many: ${actual}`, detail })
}

/** `parent.name`; a root is the empty path. */
export function child(parent: string, ...names: string[]): string {
  let path = parent
  for (const name of names) path = path === '' ? name : `${path}.${name}`
  return path
}

/** An item of a list: `spec.containers[0]`. */
export function index(parent: string, at: number): string {
  return `${parent}[${at}]`
}

/** An entry of a map: `metadata.labels[app]`. */
export function key(parent: string, name: string): string {
  return `${parent}[${name}]`
}

/** A cause as one line, the way it stands in an error message; upstream prints a missing path as `<nil>`. */
export function causeText(fault: StatusCause): string {
  return `${fault.field === undefined || fault.field === '' ? '<nil>' : fault.field}: ${fault.message ?? ''}`
}

/** Go's %q for the text a user may have sent: JSON quoting with Go's escapes for control characters. */
export function quote(text: string): string {
  const escaped = JSON.stringify(text).replace(/\\u00([0-9a-f]{2})/g, (_, hex: string) => goControl[hex] ?? `\\x${hex}`)
  return escaped
}

const goControl: Record<string, string> = { '07': '\\a', '0b': '\\v' }

function show(value: unknown): string {
  if (typeof value === 'string') return quote(value)
  if (value === undefined) return 'null'
  return JSON.stringify(value)
}

interface Parts {
  reason: string
  field: string
  text: string
  detail: string
}

function cause({ reason, field, text, detail }: Parts): StatusCause {
  return { reason, message: detail === '' ? text : `${text}: ${detail}`, field }
}
