/** A declared or inferred type. Objects are the same type if they have the same name. */
export type Type = (
  | { readonly kind: Simple }
  | { readonly kind: 'list'; readonly element: Type }
  | { readonly kind: 'map'; readonly key: Type; readonly value: Type }
  | ObjectType
  | { readonly kind: 'opaque'; readonly name: string; readonly parameters: readonly Type[] }
  | { readonly kind: 'type'; readonly of: Type }
  | { readonly kind: 'param'; readonly name: string }
) & {
  /** The most elements, characters or bytes that a schema lets values have; absent where no schema speaks. */
  readonly max?: number
}

type Simple =
  'dyn' | 'error' | 'null' | 'bool' | 'int' | 'uint' | 'double' | 'string' | 'bytes' | 'timestamp' | 'duration'

export interface ObjectType {
  readonly kind: 'object'
  readonly name: string
  /** By the name that expressions use; undefined for a field that is not declared. */
  field(name: string): Type | undefined
}

export const dyn: Type = { kind: 'dyn' }
export const errorType: Type = { kind: 'error' }
export const nullType: Type = { kind: 'null' }
export const bool: Type = { kind: 'bool' }
export const int: Type = { kind: 'int' }
export const uint: Type = { kind: 'uint' }
export const double: Type = { kind: 'double' }
export const string: Type = { kind: 'string' }
export const bytes: Type = { kind: 'bytes' }
export const timestamp: Type = { kind: 'timestamp' }
export const duration: Type = { kind: 'duration' }

export const listType = (element: Type): Type => ({ kind: 'list', element })
export const mapType = (key: Type, value: Type): Type => ({ kind: 'map', key, value })
export const optionalType = (value: Type): Type => ({ kind: 'opaque', name: 'optional_type', parameters: [value] })
export const opaqueType = (name: string): Type => ({ kind: 'opaque', name, parameters: [] })
export const typeType = (of: Type): Type => ({ kind: 'type', of })

export function objectType(name: string, fields: Readonly<Record<string, Type>>): ObjectType {
  return { kind: 'object', name, field: field => (Object.hasOwn(fields, field) ? fields[field] : undefined) }
}

export const isOptional = (type: Type): type is Type & { kind: 'opaque' } =>
  type.kind === 'opaque' && type.name === 'optional_type'

/** What an optional may hold; any other type itself. */
export const unwrapOptional = (type: Type): Type => (isOptional(type) ? (type.parameters[0] ?? dyn) : type)

/** The types inside of a type. */
export function parametersOf(type: Type): readonly Type[] {
  switch (type.kind) {
    case 'list':
      return [type.element]
    case 'map':
      return [type.key, type.value]
    case 'opaque':
      return type.parameters
    case 'type':
      return [type.of]
    default:
      return []
  }
}

/** The same type around others. */
export function withParameters(type: Type, [first = dyn, second = dyn]: readonly Type[]): Type {
  switch (type.kind) {
    case 'list':
      return listType(first)
    case 'map':
      return mapType(first, second)
    case 'opaque':
      return type.parameters.length > 0 ? { ...type, parameters: [first] } : type
    case 'type':
      return typeType(first)
    default:
      return type
  }
}

/** As the messages of upstream's checker name types (cel-go, checker/format.go). */
export function formatType(type: Type): string {
  const inside = parametersOf(type).map(formatType)
  const around = (name: string) => (inside.length > 0 ? `${name}(${inside.join(', ')})` : name)
  switch (type.kind) {
    case 'object':
    case 'param':
      return type.name
    case 'opaque':
      return around(type.name)
    case 'error':
      return '!error!'
    case 'list':
    case 'map':
    case 'type':
      return around(type.kind)
    default:
      return type.kind
  }
}

const named: Readonly<Record<string, Type>> = {
  dyn,
  null: nullType,
  bool,
  int,
  uint,
  double,
  string,
  bytes,
  timestamp,
  duration,
}

/**
 * Reads a type as functions are declared with: `list(T)`, `map(string, dyn)`, `optional_type(V)`, `type(T)`. One capital
 * letter is a type parameter; other names are opaque types.
 */
export function parseType(text: string): Type {
  const open = text.indexOf('(')
  if (open < 0) {
    if (/^[A-Z]$/.test(text)) return { kind: 'param', name: text }
    return named[text] ?? opaqueType(text)
  }
  const [first = dyn, second = dyn] = splitTypes(text.slice(open + 1, -1)).map(parseType)
  switch (text.slice(0, open)) {
    case 'list':
      return listType(first)
    case 'map':
      return mapType(first, second)
    case 'type':
      return typeType(first)
    default:
      return { kind: 'opaque', name: text.slice(0, open), parameters: [first] }
  }
}

/** Splits at the commas that are in no parentheses. */
export function splitTypes(text: string): string[] {
  const parts: string[] = []
  let depth = 0
  let start = 0
  for (let i = 0; i <= text.length; i++) {
    if (text[i] === '(') depth++
    else if (text[i] === ')') depth--
    else if (i === text.length || (text[i] === ',' && depth === 0)) {
      parts.push(text.slice(start, i).trim())
      start = i + 1
    }
  }
  return parts.filter(part => part !== '')
}
