import { parseGoDuration } from './go-duration.ts'
import type { JsonObject } from './json-value.ts'
import { badRequest } from './status.ts'

/** Turns the fields of a message into the JSON its Go type writes; undefined where that is nothing. */
type Form = (fields: JsonObject) => unknown

/** The messages whose JSON is not an object of their fields. */
export function specialForm(message: string): Form | undefined {
  return forms[message.slice(message.lastIndexOf('.') + 1)]
}

const forms: Partial<Record<string, Form>> = {
  Quantity: fields => fields.string ?? '0',
  IntOrString: fields => (fields.type === 1 ? (fields.strVal ?? '') : (fields.intVal ?? 0)),
  Time: fields => instant(fields, 0),
  MicroTime: fields => instant(fields, 6),
  Duration: fields => formatDuration(Number(fields.duration ?? 0)),
  FieldsV1: fields => parseRaw(fields.raw),
  RawExtension: fields => parseRaw(fields.raw),
  JSON: fields => parseRaw(fields.raw),
  ExtraValue: fields => fields.items ?? [],
  Verbs: fields => fields.items ?? [],
  JSONSchemaPropsOrArray: fields => fields.schema ?? fields.jsonSchemas ?? [],
  JSONSchemaPropsOrBool: fields => fields.schema ?? fields.allows ?? false,
  JSONSchemaPropsOrStringArray: fields => fields.schema ?? fields.property ?? [],
}

/** The fields of a message whose JSON is not an object of them; undefined where that is nothing. */
type Fields = (value: unknown) => JsonObject | undefined

/** The inverse of `specialForm`. */
export function specialFields(message: string): Fields | undefined {
  return fieldsOf[message.slice(message.lastIndexOf('.') + 1)]
}

const fieldsOf: Partial<Record<string, Fields>> = {
  Quantity: value => ({ string: String(value) }),
  IntOrString: value => (typeof value === 'string' ? { type: 1, strVal: value } : { type: 0, intVal: value }),
  Time: secondsAndNanos,
  MicroTime: secondsAndNanos,
  Duration: value => ({ duration: Math.round(parseGoDuration(String(value)) * 1e6) }),
  FieldsV1: rawJson,
  RawExtension: rawJson,
  JSON: rawJson,
  ExtraValue: value => ({ items: value }),
  Verbs: value => ({ items: value }),
  JSONSchemaPropsOrArray: value => (Array.isArray(value) ? { jsonSchemas: value } : { schema: value }),
  JSONSchemaPropsOrBool: value => (typeof value === 'boolean' ? { allows: value } : { allows: true, schema: value }),
  JSONSchemaPropsOrStringArray: value => (Array.isArray(value) ? { property: value } : { schema: value }),
}

function secondsAndNanos(value: unknown): JsonObject | undefined {
  const [, whole = '', fraction = '', zone = ''] = /^([^.Z+]*)(?:\.(\d+))?(.*)$/.exec(String(value)) ?? []
  const milliseconds = Date.parse(whole + zone)
  return Number.isNaN(milliseconds)
    ? undefined
    : { seconds: milliseconds / 1000, nanos: Number(fraction.padEnd(9, '0').slice(0, 9)) }
}

function rawJson(value: unknown): JsonObject {
  return { raw: new TextEncoder().encode(JSON.stringify(value)) }
}

/** The end of the year 9999, which is the last that RFC 3339 can write. */
const lastSecond = 253_402_300_799

/** A time that was never set has no fields at all; the first second of 1970 has both. */
function instant(fields: JsonObject, digits: 0 | 6): string | undefined {
  if (!('seconds' in fields)) return undefined
  const seconds = Number(fields.seconds)
  if (Math.abs(seconds) > lastSecond) throw badRequest('proto: the time has no form in RFC 3339')
  const whole = new Date(seconds * 1000).toISOString().slice(0, 19)
  const fraction = String(Number(fields.nanos ?? 0))
    .padStart(9, '0')
    .slice(0, digits)
  return `${whole}${digits > 0 ? `.${fraction}` : ''}Z`
}

function parseRaw(raw: unknown): unknown {
  if (!(raw instanceof Uint8Array) || raw.length === 0) return undefined
  try {
    return JSON.parse(new TextDecoder().decode(raw))
  } catch {
    throw badRequest('proto: raw extension does not hold JSON')
  }
}

/** Go's time.Duration.String, from nanoseconds: `1h30m0s`, `1.5s`, `300ms`. */
function formatDuration(nanoseconds: number): string {
  if (nanoseconds === 0) return '0s'
  const sign = nanoseconds < 0 ? '-' : ''
  const left = Math.abs(nanoseconds)
  if (left < 1e3) return `${sign}${left}ns`
  if (left < 1e6) return `${sign}${left / 1e3}µs`
  if (left < 1e9) return `${sign}${left / 1e6}ms`
  const minutes = Math.floor(left / 6e10)
  const seconds = `${trimmed((left % 6e10) / 1e9)}s`
  if (minutes === 0) return sign + seconds
  const hours = Math.floor(minutes / 60)
  return `${sign}${hours > 0 ? `${hours}h` : ''}${minutes % 60}m${seconds}`
}

const trimmed = (seconds: number) => String(Number(seconds.toFixed(9)))
