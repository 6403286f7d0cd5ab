import type { Library } from '../functions.ts'
import { charactersOf, codePoints } from '../text.ts'
import {
  bytesOf,
  EvaluationError,
  none,
  optionalOf,
  typeName,
  uintOf,
  type Bytes,
  type Duration,
  type Instant,
  type List,
  type MapValue,
  type Optional,
  type Uint,
  type Value,
} from '../value.ts'
import { formatDouble } from './double.ts'
import { durationOf, formatDuration, formatInstant, instantOf, parseDuration, parseInstant } from './time.ts'

const second = 1_000_000_000n
const truths = new Map([
  ...['1', 't', 'T', 'true', 'TRUE', 'True'].map(text => [text, true] as const),
  ...['0', 'f', 'F', 'false', 'FALSE', 'False'].map(text => [text, false] as const),
])

function inRange(value: bigint, unsigned: boolean): bigint {
  if (value === (unsigned ? BigInt.asUintN(64, value) : BigInt.asIntN(64, value))) return value
  throw new EvaluationError(unsigned ? 'unsigned integer overflow' : 'integer overflow')
}

function truncate(value: number, unsigned: boolean): bigint {
  if (!Number.isFinite(value)) throw new EvaluationError(unsigned ? 'unsigned integer overflow' : 'integer overflow')
  return inRange(BigInt(Math.trunc(value)), unsigned)
}

function parseInteger(text: string, unsigned: boolean): bigint {
  const parser = unsigned ? 'ParseUint' : 'ParseInt'
  if (!(unsigned ? /^\d+$/ : /^[-+]?\d+$/).test(text)) {
    throw new EvaluationError(`strconv.${parser}: parsing ${JSON.stringify(text)}: invalid syntax`)
  }
  const value = text.length > 40 ? 1n << 70n : BigInt(text)
  if (value === (unsigned ? BigInt.asUintN(64, value) : BigInt.asIntN(64, value))) return value
  throw new EvaluationError(`strconv.${parser}: parsing ${JSON.stringify(text)}: value out of range`)
}

function parseDouble(text: string): number {
  if (/^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(text)) return Number(text)
  const special = /^([-+]?)(?:(inf|infinity)|nan)$/i.exec(text)
  if (special) return special[2] ? (special[1] === '-' ? -Infinity : Infinity) : NaN
  throw new EvaluationError(`strconv.ParseFloat: parsing ${JSON.stringify(text)}: invalid syntax`)
}

function given<T>(value: T | undefined, message: string): T {
  if (value === undefined) throw new EvaluationError(message)
  return value
}

function decode({ data }: Bytes): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(data)
  } catch {
    throw new EvaluationError('invalid UTF-8 in bytes, cannot convert to string')
  }
}

const same = (value: Value) => value
const isZero = (value: Value): boolean => {
  if (value === null || typeof value !== 'object') return !value
  switch (value.kind) {
    case 'list':
      return value.length === 0
    case 'map':
      return value.size === 0
    case 'struct':
      return value.fields().length === 0
    case 'bytes':
      return value.data.length === 0
    case 'uint':
      return value.value === 0n
    case 'duration':
      return value.nanos === 0n
    default:
      return false
  }
}

/** Conversions between types, sizes and optionals (cel-spec, "List of Standard Definitions"; cel-go, cel/library.go). */
export const conversions: Library = {
  'dyn(A) -> dyn': same,
  'type(A) -> type(A)': (value: Value) => ({ kind: 'type', name: typeName(value) }),
  'bool(bool) -> bool': same,
  'bool(string) -> bool': (text: string) =>
    given(truths.get(text), `strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`),
  'int(int) -> int': same,
  'int(uint) -> int': ({ value }: Uint) => inRange(value, false),
  'int(double) -> int': (value: number) => truncate(value, false),
  'int(string) -> int': (text: string) => parseInteger(text, false),
  'int(timestamp) -> int': ({ nanos }: Instant) => nanos / second,
  'int(duration) -> int': ({ nanos }: Duration) => nanos,
  'uint(uint) -> uint': same,
  'uint(int) -> uint': (value: bigint) => uintOf(inRange(value, true)),
  'uint(double) -> uint': (value: number) => uintOf(truncate(value, true)),
  'uint(string) -> uint': (text: string) => uintOf(parseInteger(text, true)),
  'double(double) -> double': same,
  'double(int) -> double': Number,
  'double(uint) -> double': ({ value }: Uint) => Number(value),
  'double(string) -> double': parseDouble,
  'string(string) -> string': same,
  'string(bool) -> string': String,
  'string(int) -> string': String,
  'string(uint) -> string': ({ value }: Uint) => String(value),
  'string(double) -> string': formatDouble,
  'string(bytes) -> string': decode,
  'string(timestamp) -> string': formatInstant,
  'string(duration) -> string': formatDuration,
  'bytes(bytes) -> bytes': same,
  'bytes(string) -> bytes': (text: string) => bytesOf(new TextEncoder().encode(text)),
  'timestamp(timestamp) -> timestamp': same,
  'timestamp(int) -> timestamp': (seconds: bigint) => instantOf(seconds * second),
  'timestamp(string) -> timestamp': (text: string) =>
    given(parseInstant(text), `parsing time ${JSON.stringify(text)} as "2006-01-02T15:04:05Z07:00": cannot parse`),
  'duration(duration) -> duration': same,
  'duration(int) -> duration': durationOf,
  'duration(string) -> duration': (text: string) =>
    given(parseDuration(text), `time: invalid duration ${JSON.stringify(text)}`),
  'size(string) -> int': (text: string) => BigInt(codePoints(text)),
  'string.size() -> int': (text: string) => BigInt(charactersOf(text).length),
  'size(bytes) -> int': ({ data }: Bytes) => BigInt(data.length),
  'bytes.size() -> int': ({ data }: Bytes) => BigInt(data.length),
  'size(list(A)) -> int': ({ length }: List) => BigInt(length),
  'list(A).size() -> int': ({ length }: List) => BigInt(length),
  'size(map(A, B)) -> int': ({ size }: MapValue) => BigInt(size),
  'map(A, B).size() -> int': ({ size }: MapValue) => BigInt(size),
  'optional:none() -> optional_type(V)': () => none,
  'optional:of(V) -> optional_type(V)': optionalOf,
  'optional:ofNonZeroValue(V) -> optional_type(V)': (value: Value) => (isZero(value) ? none : optionalOf(value)),
  'optional:unwrap(list(optional_type(V))) -> list(V)': unwrap,
  'list(optional_type(V)).unwrapOpt() -> list(V)': unwrap,
  'optional_type(V).hasValue() -> bool': ({ value }: Optional) => value !== undefined,
  'optional_type(V).value() -> V': ({ value }: Optional) => given(value, 'optional.none() dereference'),
  'optional_type(V).or(optional_type(V)) -> optional_type(V)': (a: Optional, b: Optional) =>
    a.value === undefined ? b : a,
  'optional_type(V).orValue(V) -> V': (a: Optional, b: Value) => a.value ?? b,
}

function unwrap(list: List): List {
  const values: Value[] = []
  for (let i = 0; i < list.length; i++) {
    const item = list.at(i) as Optional
    if (item.value !== undefined) values.push(item.value)
  }
  return { kind: 'list', length: values.length, at: i => values[i] ?? null }
}
