import { isObject, type JsonObject } from './json-value.ts'
import { specialFields } from './protobuf-forms.ts'
import { envelopePrefix, innerName, isInlined, jsonName, messageName, valueTypeOf } from './protobuf-names.ts'
import type { MessageField, Messages } from './protobuf-names.ts'

/**
 * An object as application/vnd.kubernetes.protobuf: what `decodeObject` reads. Undefined for a type that has no message.
 * Members that the message lacks are left out.
 */
export function encodeObject(object: JsonObject, messages: Messages): Uint8Array | undefined {
  const { apiVersion, kind } = object
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') return undefined
  const name = messageName({ apiVersion, kind, messages })
  if (name === undefined) return undefined
  const type = joined([delimited(1, utf8.encode(apiVersion)), delimited(2, utf8.encode(kind))])
  const content = writeMessage(name, object, messages)
  return joined([new Uint8Array(envelopePrefix), delimited(1, type), delimited(2, content)])
}

/** A WatchEvent as a watch in protobuf sends it: no envelope of its own, but one around its object. */
export function encodeWatchEvent(type: string, object: Uint8Array): Uint8Array {
  return joined([delimited(1, utf8.encode(type)), delimited(2, delimited(1, object))])
}

const utf8 = new TextEncoder()

function writeMessage(name: string, value: unknown, messages: Messages): Uint8Array {
  const fields = specialFields(name)?.(value) ?? value
  if (!isObject(fields)) return new Uint8Array()
  return joined((messages[name] ?? []).flatMap(field => writeField(field, fields, { name, messages })))
}

interface Inside {
  name: string
  messages: Messages
}

function writeField(field: MessageField, fields: JsonObject, inside: Inside): Uint8Array[] {
  const [number, name, type, label] = field
  if (isInlined(name, type)) {
    const content = writeMessage(innerName(inside.name, type, inside.messages), fields, inside.messages)
    return content.length > 0 ? [delimited(number, content)] : []
  }
  const key = jsonName(inside.name, name)
  // A member that every object inherits is none of its own.
  const value = Object.hasOwn(fields, key) ? fields[key] : undefined
  if (value === undefined || value === null) return []
  if (label === 'map') {
    const entries = Object.entries(value)
    return entries.map(([key, member]) =>
      delimited(
        number,
        joined([delimited(1, utf8.encode(key)), write({ number: 2, type: valueTypeOf(type) }, member, inside)]),
      ),
    )
  }
  if (label !== 'repeated') return [write({ number, type }, value, inside)]
  return Array.isArray(value) ? value.map(item => write({ number, type }, item, inside)) : []
}

function write({ number, type }: { number: number; type: string }, value: unknown, inside: Inside): Uint8Array {
  switch (type) {
    case 'string':
      return delimited(number, utf8.encode(textOf(value)))
    case 'bytes':
      return delimited(number, value instanceof Uint8Array ? value : fromBase64(textOf(value)))
    case 'bool':
      return joined([varint(BigInt(number * 8)), varint(value === true ? 1n : 0n)])
    case 'int32':
    case 'int64':
      return joined([varint(BigInt(number * 8)), varint(BigInt(value as number))])
    case 'double':
      return joined([varint(BigInt(number * 8 + 1)), new Uint8Array(new Float64Array([value as number]).buffer)])
    default:
      return delimited(number, writeMessage(innerName(inside.name, type, inside.messages), value, inside.messages))
  }
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : '')
const fromBase64 = (text: string) => Uint8Array.from(atob(text), letter => letter.charCodeAt(0))

function delimited(number: number, content: Uint8Array): Uint8Array {
  return joined([varint(BigInt(number * 8 + 2)), varint(BigInt(content.length)), content])
}

/** What is below zero has all of its 64 bits, as in Go. */
function varint(value: bigint): Uint8Array {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, value)
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80)
  return Uint8Array.from([...bytes, Number(rest)])
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
