import { beyondExact } from './exact-json.ts'
import { isList, isObject } from './json-value.ts'
import { parseQuantity } from './quantity.ts'
import type { Schema } from './schema.ts'
import { StatusError } from './status.ts'

/** A value of the wrong JSON type; where it is gets known on the way back, for most values are right. */
interface Mismatch {
  readonly given: string
  readonly type: string
  /** Names of members on the way; Go leaves indexes and keys of maps out. */
  readonly steps: string[]
  /** The type that has the member, as `v1.Container`. */
  struct: string | undefined
}

/**
 * What Go's decoder says of the first value whose JSON type a built-in kind can't be decoded from (`json: cannot unmarshal
 * string into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32`); upstream answers with 400
 * `Pod in version "v1" cannot be handled as a Pod: <message>`. Null fits every type.
 */
export function firstTypeFault(schema: Schema, value: unknown): string | undefined {
  const found = walk(schema, value)
  if (typeof found !== 'object') return found
  const { given, type, steps, struct } = found
  const where =
    steps.length > 0 ? `Go struct field ${struct?.split('.').at(-1) ?? ''}.${steps.join('.')} of` : 'Go value of'
  return `json: cannot unmarshal ${given} into ${where} type ${type}`
}

/** A message stands for itself, wherever the value is. */
type Fault = Mismatch | string | undefined

function walk(schema: Schema, value: unknown): Fault {
  if (value === null || value === undefined) return undefined
  const found = faultOf(schema, value)
  if (found !== undefined) return found
  if (isList(value)) return schema.items && walkItems(schema.items, value)
  return isObject(value) ? walkMembers(schema, value) : undefined
}

function walkItems(items: Schema, values: unknown[]): Fault {
  for (const value of values) {
    const found = walk(items, value)
    if (found !== undefined) return found
  }
  return undefined
}

function walkMembers({ title, properties, additionalProperties }: Schema, value: Record<string, unknown>): Fault {
  for (const key of Object.keys(value)) {
    const property = properties && Object.hasOwn(properties, key) ? properties[key] : undefined
    const member = property ?? (typeof additionalProperties === 'object' ? additionalProperties : undefined)
    const found = member && walk(member, value[key])
    if (found === undefined) continue
    if (property && typeof found === 'object') {
      found.steps.unshift(key)
      found.struct ??= title
    }
    return found
  }
  return undefined
}

function faultOf(schema: Schema, value: unknown): Fault {
  if (schema['x-kubernetes-int-or-string']) {
    if (typeof value === 'string' || (Number.isInteger(value) && inRange(value as number, 'int32'))) return undefined
    return mismatch(value, 'int32')
  }
  if (schema.format === 'quantity') return quantityFault(value)
  switch (schema.type) {
    case 'string':
      return typeof value === 'string' ? textFault(schema.format, value) : mismatch(value, 'string')
    case 'boolean':
      return typeof value === 'boolean' ? undefined : mismatch(value, 'bool')
    case 'integer':
      // What works on built-in kinds calculates with numbers; Go would take this one.
      if (typeof value === 'bigint' && schema.format !== 'int32') return beyondExact(value)
      return Number.isInteger(value) && inRange(value as number, schema.format)
        ? undefined
        : mismatch(value, typeName(schema))
    case 'number':
      return typeof value === 'number' || typeof value === 'bigint' ? undefined : mismatch(value, 'float64')
    case 'array':
      return isList(value) ? undefined : mismatch(value, typeName(schema))
    case 'object':
      return isObject(value) ? undefined : mismatch(value, typeName(schema))
    case undefined:
      return undefined
  }
}

const mismatch = (value: unknown, type: string): Mismatch => ({
  given: describe(value, type),
  type,
  steps: [],
  struct: undefined,
})

/** Go names the number only where it would have taken another. */
function describe(value: unknown, type: string): string {
  if (isList(value)) return 'array'
  if (typeof value === 'number' || typeof value === 'bigint')
    return type.startsWith('int') || type === 'float64' ? `number ${value}` : 'number'
  return typeof value === 'boolean' ? 'bool' : typeof value
}

function typeName(schema: Schema): string {
  switch (schema.type) {
    case 'array':
      return `[]${schema.items ? typeName(schema.items) : 'interface {}'}`
    case 'object':
      if (schema.title !== undefined) return schema.title
      if (typeof schema.additionalProperties === 'object' && schema.additionalProperties.format === 'quantity') {
        return 'v1.ResourceList'
      }
      return `map[string]${typeof schema.additionalProperties === 'object' ? typeName(schema.additionalProperties) : 'interface {}'}`
    case 'integer':
      return schema.format ?? 'int64'
    case 'number':
      return 'float64'
    case 'boolean':
      return 'bool'
    default:
      return 'string'
  }
}

function inRange(value: number, format: string | undefined): boolean {
  return format === 'int32' ? value >= -2147483648 && value <= 2147483647 : value >= -(2 ** 63) && value < 2 ** 63
}

function quantityFault(value: unknown): string | undefined {
  try {
    // Go hands the quantity its bytes, whatever they are.
    parseQuantity(typeof value === 'string' || typeof value === 'number' ? value : JSON.stringify(value))
    return undefined
  } catch (e) {
    if (e instanceof StatusError) return e.message
    throw e
  }
}

const rfc3339 = /^\d{4}-(0\d|1[0-2])-([0-2]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d([.,]\d+)?(Z|[-+]\d\d:\d\d)$/

/** Whether an instant is in the years 0 to 9999 of UTC, beyond which RFC 3339 can't write it; NaN is not. */
const isWritable = (instant: number) => instant >= -62_167_219_200_000 && instant < 253_402_300_800_000

function textFault(format: string | undefined, value: string): string | undefined {
  if (format === 'byte') return base64Fault(value)
  if (format !== 'date-time' || (rfc3339.test(value) && isWritable(Date.parse(value)))) return undefined
  const quoted = JSON.stringify(value)
  return `parsing time ${quoted} as "2006-01-02T15:04:05Z07:00": cannot parse ${quoted} as "2006"`
}

/** Where Go's decoder stops: standard base64 with padding; line breaks are skipped. */
function base64Fault(value: string): string | undefined {
  const text = value.replace(/[\r\n]/g, '')
  const good = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?/.exec(text)?.[0].length ?? 0
  if (good === text.length) return undefined
  const bad = text.slice(good).search(/[^A-Za-z0-9+/]/)
  return `illegal base64 data at input byte ${bad < 0 ? text.length - (text.length % 4) : good + bad}`
}
