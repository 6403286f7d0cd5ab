import { isObject, maxDepth, setMember, type JsonObject } from './json-value.ts'
import { readFields, type WireField } from './protobuf-reader.ts'
import { specialForm } from './protobuf-forms.ts'
import { badRequest } from './status.ts'
import { beyondExact, integerOf } from './exact-json.ts'
import { envelopePrefix, innerName, isInlined, jsonName, messageName, valueTypeOf } from './protobuf-names.ts'
import type { MessageField, Messages } from './protobuf-names.ts'

export interface DecodedObject {
  apiVersion: string
  kind: string
  /** The object as JSON would carry it, with apiVersion and kind. */
  object: JsonObject
}

/**
 * Decodes an object of media type application/vnd.kubernetes.protobuf: the prefix, a runtime.Unknown with the type, and
 * the message of that type. Throws a 400 for what can't be read and for a type that is not in the table.
 */
export function decodeObject(bytes: Uint8Array, messages: Messages): DecodedObject {
  if (!envelopePrefix.every((byte, i) => bytes[i] === byte)) {
    throw badRequest('provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]')
  }
  const unknown = readFields(bytes.subarray(envelopePrefix.length))
  const { apiVersion = '', kind = '' } = strings(bytesOf(unknown, 1))
  const name = messageName({ apiVersion, kind, messages })
  if (name === undefined) {
    throw badRequest(`no kind "${kind}" is registered for version "${apiVersion}" in scheme`)
  }
  const object = decodeMessage({ name, bytes: bytesOf(unknown, 2), messages, depth: 0 })
  return { apiVersion, kind, object: { kind, apiVersion, ...(isObject(object) ? object : {}) } }
}

const text = new TextDecoder()

function bytesOf(fields: WireField[], number: number): Uint8Array {
  const value = fields.findLast(field => field.number === number)?.value
  return value instanceof Uint8Array ? value : new Uint8Array()
}

/** runtime.TypeMeta. */
function strings(bytes: Uint8Array): { apiVersion?: string; kind?: string } {
  const fields = readFields(bytes)
  return { apiVersion: text.decode(bytesOf(fields, 1)), kind: text.decode(bytesOf(fields, 2)) }
}

interface Decoding {
  name: string
  bytes: Uint8Array
  messages: Messages
  depth: number
}

function decodeMessage({ name, bytes, messages, depth }: Decoding): unknown {
  if (depth > maxDepth) throw badRequest('proto: exceeded maximum message depth')
  const fields = messages[name]
  if (!fields) throw badRequest(`proto: unknown message ${name}`)
  const known = new Map(fields.map(field => [field[0], field]))
  const result: JsonObject = {}
  for (const { number, value } of readFields(bytes)) {
    const field = known.get(number)
    // A newer client may know more fields than we do.
    if (field) readField({ field, value, result, inside: { name, messages, depth: depth + 1 } })
  }
  const form = specialForm(name)
  return form ? form(result) : result
}

interface Inside {
  name: string
  messages: Messages
  depth: number
}

interface Reading {
  field: MessageField
  value: bigint | Uint8Array
  result: JsonObject
  inside: Inside
}

function readField({ field, value, result, inside }: Reading): void {
  const [, name, type, label] = field
  if (label === 'map') readEntry({ field, value, result, inside })
  else if (label === 'repeated') {
    const key = jsonName(inside.name, name)
    const list = (result[key] ??= []) as unknown[]
    list.push(read(type, value, inside))
  } else {
    const decoded = read(type, value, inside)
    if (isInlined(name, type) && isObject(decoded)) Object.assign(result, decoded)
    else if (decoded !== undefined && (label === 'present' || !scalars.has(type) || !isZero(decoded)))
      result[jsonName(inside.name, name)] = decoded
  }
}

/** `map<string,T>` is a repeated message of a key and a value. */
function readEntry({ field: [, name, type], value, result, inside }: Reading): void {
  if (!(value instanceof Uint8Array)) throw badRequest(`proto: wrong wireType for field ${name}`)
  const entry = readFields(value)
  const key = text.decode(bytesOf(entry, 1))
  const found = entry.findLast(({ number }) => number === 2)?.value ?? new Uint8Array()
  const map = (result[jsonName(inside.name, name)] ??= {}) as JsonObject
  setMember(map, key, read(valueTypeOf(type), found, inside) ?? null)
}

function read(type: string, value: bigint | Uint8Array, inside: Inside): unknown {
  if (typeof value === 'bigint') return readNumber(type, value)
  switch (type) {
    case 'string':
      return text.decode(value)
    case 'bytes':
      return specialForm(inside.name) ? value : base64(value)
    case 'int32':
    case 'int64':
    case 'bool':
    case 'double':
      throw badRequest(`proto: wrong wireType for a field of type ${type}`)
    default: {
      const name = innerName(inside.name, type, inside.messages)
      return decodeMessage({ name, bytes: value, messages: inside.messages, depth: inside.depth })
    }
  }
}

function readNumber(type: string, value: bigint): unknown {
  switch (type) {
    case 'bool':
      return value !== 0n
    case 'int32':
      return Number(BigInt.asIntN(32, value))
    case 'int64':
      if (typeof integerOf(String(value)) === 'bigint') throw badRequest(`proto: ${beyondExact(value)}`)
      return Number(value)
    case 'double':
      return new Float64Array(new BigInt64Array([value]).buffer)[0]
    default:
      throw badRequest(`proto: wrong wireType for a field of type ${type}`)
  }
}

/** In pieces: a call takes only so many arguments. */
function base64(bytes: Uint8Array): string {
  let binary = ''
  for (let at = 0; at < bytes.length; at += 8192) binary += String.fromCharCode(...bytes.subarray(at, at + 8192))
  return btoa(binary)
}

const scalars = new Set(['string', 'bytes', 'bool', 'int32', 'int64', 'double'])
const isZero = (value: unknown) => value === '' || value === 0 || value === false
