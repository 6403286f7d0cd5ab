import type { Functions } from './functions.ts'
import { dyn, typeType, type ObjectType, type Type } from './type.ts'
import * as types from './type.ts'

/** What an expression may speak of. */
export interface Environment {
  readonly variables: Readonly<Record<string, Type>>
  readonly functions: Functions
  /** Types that expressions may build: `Name{field: value}`. */
  readonly struct?: ((name: string) => ObjectType | undefined) | undefined
}

/** Types that are values under their own names. */
const typeNames: Readonly<Record<string, Type>> = {
  bool: types.bool,
  int: types.int,
  uint: types.uint,
  double: types.double,
  string: types.string,
  bytes: types.bytes,
  list: types.listType(dyn),
  map: types.mapType(dyn, dyn),
  null_type: types.nullType,
  type: typeType(dyn),
  optional_type: types.optionalType(dyn),
  'google.protobuf.Timestamp': types.timestamp,
  'google.protobuf.Duration': types.duration,
}

const ownTypes = new Set([
  'net.IP',
  'net.CIDR',
  'kubernetes.Quantity',
  'kubernetes.URL',
  'kubernetes.Semver',
  'kubernetes.NamedFormat',
])

/** The type of a name that stands for a type, or undefined. */
export function typeIdentifier(environment: Environment, name: string): Type | undefined {
  const known = Object.hasOwn(typeNames, name) ? typeNames[name] : undefined
  const type = known ?? (ownTypes.has(name) ? types.opaqueType(name) : environment.struct?.(name))
  return type && typeType(type)
}
