import { unescapeProperty } from './escape.ts'
import { formatDuration, formatInstant } from './lib/time.ts'
import { EvaluationError, itemsOf, typeName, type Struct, type Value } from './value.ts'

/** A value as JSON has it; the fields of structs have their own names again. Throws EvaluationErrors. */
export function toJson(value: Value): unknown {
  switch (typeof value) {
    case 'bigint':
      return Number(value)
    case 'number':
    case 'string':
    case 'boolean':
      return value
    default:
      return value === null ? null : objectToJson(value)
  }
}

function objectToJson(value: Exclude<Value, null | boolean | bigint | number | string>): unknown {
  switch (value.kind) {
    case 'uint':
      return Number(value.value)
    case 'bytes':
      return value.data.toBase64()
    case 'timestamp':
      return formatInstant(value)
    case 'duration':
      return formatDuration(value)
    case 'list':
      return Array.from(itemsOf(value), toJson)
    case 'map':
      return Object.fromEntries(Array.from(value.keys(), key => [mapKey(key), toJson(value.get(key) ?? null)]))
    case 'struct':
      return Object.fromEntries(
        value.fields().map(field => [unescapeProperty(field), toJson(value.get(field) ?? null)]),
      )
    case 'optional':
      return value.value === undefined ? null : toJson(value.value)
    default:
      throw new EvaluationError(`unable to convert ${typeName(value)} to JSON`)
  }
}

function mapKey(key: Value): string {
  if (typeof key === 'string') return key
  throw new EvaluationError(`unable to convert a map with keys of type ${typeName(key)} to JSON`)
}

/** `Object{spec: Object.spec{...}}`: each type must be named as the path says that leads to it. Throws EvaluationErrors. */
export function checkObjectTypes(value: Struct, expected = 'Object'): void {
  if (value.name !== expected) {
    throw new EvaluationError(
      `unexpected type name ${JSON.stringify(value.name)}, expected ${JSON.stringify(expected)}, which matches field name path from root Object type`,
    )
  }
  for (const field of value.fields()) {
    for (const inner of structsIn(value.get(field) ?? null)) checkObjectTypes(inner, `${expected}.${field}`)
  }
}

function structsIn(value: Value): Struct[] {
  if (value === null || typeof value !== 'object') return []
  if (value.kind === 'struct') return [value]
  return value.kind === 'list' ? Array.from(itemsOf(value)).flatMap(structsIn) : []
}
