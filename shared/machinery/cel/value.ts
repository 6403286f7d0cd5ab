/**
 * What CEL computes with (github.com/google/cel-spec, doc/langdef.md): int is a bigint, double a number; the other types
 * that JSON does not have are objects told apart by `kind`. Lists, maps and structs are views: they adapt what they
 * stand for when it is asked for, so an expression over a large object costs what it looks at.
 */
export type Value =
  | null
  | boolean
  | bigint
  | number
  | string
  | Uint
  | Bytes
  | Instant
  | Duration
  | List
  | MapValue
  | Struct
  | Optional
  | TypeValue
  | Opaque

export interface Uint {
  readonly kind: 'uint'
  readonly value: bigint
}

export interface Bytes {
  readonly kind: 'bytes'
  readonly data: Uint8Array
}

/** Nanoseconds since 1970. */
export interface Instant {
  readonly kind: 'timestamp'
  readonly nanos: bigint
}

export interface Duration {
  readonly kind: 'duration'
  readonly nanos: bigint
}

export interface List {
  readonly kind: 'list'
  readonly length: number
  /** Only for 0 <= i < length. */
  at(i: number): Value
  /** Elements are equal whatever their order: sets and maps as lists are. Undefined: order counts. */
  readonly equals?: (other: List) => boolean
  /** What `+` of two such lists gives, where it is not one after the other. */
  readonly concat?: (other: List) => List
}

export interface MapValue {
  readonly kind: 'map'
  readonly size: number
  get(key: Value): Value | undefined
  keys(): Iterable<Value>
}

/** An object whose fields are declared; it can't be iterated. */
export interface Struct {
  readonly kind: 'struct'
  readonly name: string
  get(field: string): Value | undefined
  fields(): readonly string[]
}

export interface Optional {
  readonly kind: 'optional'
  readonly value: Value | undefined
}

interface TypeValue {
  readonly kind: 'type'
  readonly name: string
}

/** A value that only functions can look into, such as a quantity. */
export interface Opaque<T = unknown> {
  readonly kind: 'opaque'
  readonly type: OpaqueType<T>
  readonly value: T
}

export interface OpaqueType<T = unknown> {
  readonly name: string
  // A method, so that a type of quantities is a type of anything.
  equals(a: T, b: T): boolean
  /** What costs are counted by; 1 if it is left out. */
  size?(value: T): number
}

/** The expression fails; `cancelled` says that no operator may go on with it, as for exceeded costs. */
export class EvaluationError extends Error {
  override readonly name = 'EvaluationError'
  readonly cancelled: boolean

  constructor(message: string, cancelled = false) {
    super(message)
    this.cancelled = cancelled
  }
}

export const none: Optional = { kind: 'optional', value: undefined }
export const optionalOf = (value: Value): Optional => ({ kind: 'optional', value })
export const uintOf = (value: bigint): Uint => ({ kind: 'uint', value })
export const bytesOf = (data: Uint8Array): Bytes => ({ kind: 'bytes', data })

export function listOf(items: readonly Value[]): List {
  return { kind: 'list', length: items.length, at: i => items[i] ?? null }
}

/** More of anything than one expression may make. */
export const tooLarge = (): EvaluationError =>
  new EvaluationError('operation cancelled: actual cost limit exceeded', true)

export function* itemsOf(list: List): Generator<Value> {
  for (let i = 0; i < list.length; i++) yield list.at(i)
}

/** A map from entries; numbers of different types are one key if they are equal. */
export function mapOf(entries: Iterable<readonly [Value, Value]>): MapValue {
  const byKey = new Map<unknown, readonly [Value, Value]>()
  for (const entry of entries) byKey.set(keyOf(entry[0]), entry)
  return {
    kind: 'map',
    get size() {
      return byKey.size
    },
    get: key => byKey.get(keyOf(key))?.[1],
    keys: () => [...byKey.values()].map(([key]) => key),
  }
}

/** What a JavaScript map tells keys apart by, or undefined for what can't be a key. */
export function keyOf(key: Value): string | boolean | bigint | undefined {
  switch (typeof key) {
    case 'string':
    case 'boolean':
    case 'bigint':
      return key
    case 'number':
      return Number.isInteger(key) ? BigInt(key) : undefined
    default:
      return key?.kind === 'uint' ? key.value : undefined
  }
}

/** The name of a value's type, as `type(x)` and error texts have it. */
export function typeName(value: Value): string {
  switch (typeof value) {
    case 'boolean':
      return 'bool'
    case 'bigint':
      return 'int'
    case 'number':
      return 'double'
    case 'string':
      return 'string'
    default:
      return value === null ? 'null_type' : objectTypeName(value)
  }
}

function objectTypeName(value: Exclude<Value, null | boolean | bigint | number | string>): string {
  switch (value.kind) {
    case 'timestamp':
      return 'google.protobuf.Timestamp'
    case 'duration':
      return 'google.protobuf.Duration'
    case 'optional':
      return 'optional_type'
    case 'struct':
      return value.name
    case 'opaque':
      return value.type.name
    default:
      return value.kind
  }
}
