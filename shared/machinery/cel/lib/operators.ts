import { contains, compare, equal } from '../equality.ts'
import { memberOf, optionalField } from '../fields.ts'
import { insert } from '../fold-items.ts'
import type { Library } from '../functions.ts'
import {
  bytesOf,
  EvaluationError,
  typeName,
  uintOf,
  type Bytes,
  type Duration,
  type Instant,
  type List,
  type MapValue,
  type Uint,
  type Value,
} from '../value.ts'
import { durationOf, instantOf } from './time.ts'

const int64 = (value: bigint): bigint => {
  if (value !== BigInt.asIntN(64, value)) throw new EvaluationError('integer overflow')
  return value
}

const uint64 = (value: bigint): Uint => {
  if (value !== BigInt.asUintN(64, value)) throw new EvaluationError('unsigned integer overflow')
  return uintOf(value)
}

function divisor(value: bigint, what: 'division' | 'modulus'): bigint {
  if (value === 0n) throw new EvaluationError(`${what} by zero`)
  return value
}

function index(container: List | MapValue, key: Value): Value {
  const value = memberOf(container, key)
  if (value !== undefined) return value
  throw new EvaluationError(
    container.kind === 'list' ? `index out of bounds: ${keyText(key)}` : `no such key: ${keyText(key)}`,
  )
}

const keyText = (key: Value) => (typeof key === 'object' ? typeName(key) : String(key))

/** `a + b` reads both through; nothing is copied. */
function concatenate(a: List, b: List): List {
  if (a.concat) return a.concat(b)
  const length = a.length + b.length
  return { kind: 'list', length, at: i => (i < a.length ? a.at(i) : b.at(i - a.length)) }
}

function join(a: Bytes, b: Bytes): Bytes {
  const data = new Uint8Array(a.data.length + b.data.length)
  data.set(a.data)
  data.set(b.data, a.data.length)
  return bytesOf(data)
}

const ordered = (holds: (order: number) => boolean) => (a: Value, b: Value) => {
  const order = compare(a, b)
  if (order === undefined) throw new EvaluationError('no such overload')
  return holds(order)
}

const comparisons: readonly [string, (order: number) => boolean][] = [
  ['_<_', order => order < 0],
  ['_<=_', order => order <= 0],
  ['_>_', order => order > 0],
  ['_>=_', order => order >= 0],
]
const sorted = ['bool', 'int', 'uint', 'double', 'string', 'bytes', 'timestamp', 'duration']
const numbers = ['int', 'uint', 'double']
/** What can be ordered: values of one type, and numbers of any. */
const pairs = [
  ...sorted.map(type => [type, type]),
  ...numbers.flatMap(a => numbers.filter(b => b !== a).map(b => [a, b])),
]

/** CEL's operators (cel-spec, "List of Standard Definitions"; numbers of different types can be compared). */
export const operators: Library = {
  '_&&_(bool, bool) -> bool': (a: boolean, b: boolean) => a && b,
  '_||_(bool, bool) -> bool': (a: boolean, b: boolean) => a || b,
  '_?_:_(bool, T, T) -> T': (condition: boolean, yes: Value, no: Value) => (condition ? yes : no),
  '@not_strictly_false(bool) -> bool': (value: boolean) => value,
  '!_(bool) -> bool': (value: boolean) => !value,
  '-_(int) -> int': (value: bigint) => int64(-value),
  '-_(double) -> double': (value: number) => -value,
  '_==_(T, T) -> bool': (a: Value, b: Value) => equal(a, b),
  '_!=_(T, T) -> bool': (a: Value, b: Value) => !equal(a, b),
  ...Object.fromEntries(
    comparisons.flatMap(([name, holds]) =>
      pairs.map(types => [`${name}(${types.join(', ')}) -> bool`, ordered(holds)]),
    ),
  ),
  '_+_(int, int) -> int': (a: bigint, b: bigint) => int64(a + b),
  '_+_(uint, uint) -> uint': (a: Uint, b: Uint) => uint64(a.value + b.value),
  '_+_(double, double) -> double': (a: number, b: number) => a + b,
  '_+_(string, string) -> string': (a: string, b: string) => a + b,
  '_+_(bytes, bytes) -> bytes': join,
  '_+_(list(T), list(T)) -> list(T)': concatenate,
  '_+_(duration, duration) -> duration': (a: Duration, b: Duration) => durationOf(a.nanos + b.nanos),
  '_+_(timestamp, duration) -> timestamp': (a: Instant, b: Duration) => instantOf(a.nanos + b.nanos),
  '_+_(duration, timestamp) -> timestamp': (a: Duration, b: Instant) => instantOf(a.nanos + b.nanos),
  '_-_(int, int) -> int': (a: bigint, b: bigint) => int64(a - b),
  '_-_(uint, uint) -> uint': (a: Uint, b: Uint) => uint64(a.value - b.value),
  '_-_(double, double) -> double': (a: number, b: number) => a - b,
  '_-_(duration, duration) -> duration': (a: Duration, b: Duration) => durationOf(a.nanos - b.nanos),
  '_-_(timestamp, duration) -> timestamp': (a: Instant, b: Duration) => instantOf(a.nanos - b.nanos),
  '_-_(timestamp, timestamp) -> duration': (a: Instant, b: Instant) => durationOf(a.nanos - b.nanos),
  '_*_(int, int) -> int': (a: bigint, b: bigint) => int64(a * b),
  '_*_(uint, uint) -> uint': (a: Uint, b: Uint) => uint64(a.value * b.value),
  '_*_(double, double) -> double': (a: number, b: number) => a * b,
  '_/_(int, int) -> int': (a: bigint, b: bigint) => int64(a / divisor(b, 'division')),
  '_/_(uint, uint) -> uint': (a: Uint, b: Uint) => uint64(a.value / divisor(b.value, 'division')),
  '_/_(double, double) -> double': (a: number, b: number) => a / b,
  '_%_(int, int) -> int': (a: bigint, b: bigint) => int64(a % divisor(b, 'modulus')),
  '_%_(uint, uint) -> uint': (a: Uint, b: Uint) => uint64(a.value % divisor(b.value, 'modulus')),
  '@in(T, list(T)) -> bool': (value: Value, list: List) => contains(list, value),
  '@in(K, map(K, V)) -> bool': (key: Value, map: MapValue) => map.get(key) !== undefined,
  '_[_](list(T), int) -> T': index,
  '_[_](map(K, V), K) -> V': index,
  '_[_](optional_type(list(V)), int) -> optional_type(V)': optionalField,
  '_[_](optional_type(map(K, V)), K) -> optional_type(V)': optionalField,
  '_[?_](list(V), int) -> optional_type(V)': optionalField,
  '_[?_](map(K, V), K) -> optional_type(V)': optionalField,
  '_[?_](optional_type(list(V)), int) -> optional_type(V)': optionalField,
  '_[?_](optional_type(map(K, V)), K) -> optional_type(V)': optionalField,
  'cel:@mapInsert(map(K, V), K, V) -> map(K, V)': insert,
  'cel:@mapInsert(map(K, V), map(K, V)) -> map(K, V)': (map: MapValue, entry: MapValue) => {
    for (const key of entry.keys()) insert(map, key, entry.get(key) ?? null)
    return map
  },
}
