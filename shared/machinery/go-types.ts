import { isList, isObject } from './json-value.ts'

/** The type that Go's decoder gives a JSON value where it is free to choose (apimachinery/pkg/util/json). */
export function goType(value: unknown): string {
  if (value === null || value === undefined) return '<nil>'
  if (isList(value)) return '[]interface {}'
  if (isObject(value)) return 'map[string]interface {}'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64'
  return typeof value === 'boolean' ? 'bool' : typeof value
}

/** The kind of a JSON value as encoding/json names it in its errors. */
function jsonKind(value: unknown): string {
  if (value === null) return 'null'
  if (isList(value)) return 'array'
  return typeof value === 'boolean' ? 'bool' : typeof value
}

/** What encoding/json says of a value that does not fit the Go type. */
export function notUnmarshalled(value: unknown, type: string, member?: string): string {
  const into = member === undefined ? 'Go value' : `Go struct field ${member}`
  return `json: cannot unmarshal ${jsonKind(value)} into ${into} of type ${type}`
}

/**
 * The same fault as apimachinery's converter of unstructured values says it (runtime/converter.go fromUnstructured),
 * which has no names of fields. Texts of types' own decoders (times, quantities) stay as they are.
 */
export function asConverterFault(text: string): string {
  const [, kind = '', type = ''] =
    /^json: cannot unmarshal (\w+(?: \S+)?) into Go (?:struct field \S+|value) of type (.+)$/.exec(text) ?? []
  if (type === '') return text
  const number = kind.includes('.') ? 'float64' : 'int64'
  const [word = ''] = kind.split(' ')
  const source = word === 'number' ? number : (sourceKinds[word] ?? word)
  if (type.startsWith('map[')) return `cannot restore map from ${source}`
  if (type.startsWith('[]')) return `cannot restore slice from ${source}`
  const isNumber = /^(?:u?int|float)\d*$/.test(type)
  if (source === number && (isNumber || type === 'string')) return `cannot convert ${source} to ${type}`
  if (isNumber || type === 'string' || type === 'bool') return `unrecognized type: ${type}`
  return `cannot restore struct from: ${source}`
}

const sourceKinds: Partial<Record<string, string>> = { object: 'map', array: 'slice' }
