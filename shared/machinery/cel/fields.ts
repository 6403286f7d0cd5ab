import { EvaluationError, none, optionalOf, typeName, type Value } from './value.ts'

/** `operand.field`; of an optional, what may be there. Throws when the field is missing. */
export function selectField(operand: Value, field: string): Value {
  if (isOptional(operand)) return optionalField(operand, field)
  const value = memberOf(operand, field)
  if (value === undefined) throw new EvaluationError(`no such key: ${field}`)
  return value
}

/** `operand.?field` and `operand[?key]`. */
export function optionalField(operand: Value, key: Value): Value {
  if (isOptional(operand)) return operand.value === undefined ? none : optionalField(operand.value, key)
  const value = memberOf(operand, key)
  return value === undefined ? none : optionalOf(value)
}

/** `has(operand.field)` */
export function isPresent(operand: Value, field: string): boolean {
  if (isOptional(operand)) return operand.value !== undefined && isPresent(operand.value, field)
  return memberOf(operand, field) !== undefined
}

/** What a map, struct or list has under a key, or undefined. Throws for what has no members. */
export function memberOf(operand: Value, key: Value): Value | undefined {
  if (operand !== null && typeof operand === 'object') {
    switch (operand.kind) {
      case 'map':
        return operand.get(key)
      case 'struct':
        if (typeof key === 'string') return operand.get(key)
        break
      case 'list': {
        const at = typeof key === 'bigint' || typeof key === 'number' ? Number(key) : NaN
        if (Number.isInteger(at)) return at >= 0 && at < operand.length ? operand.at(at) : undefined
        break
      }
      default:
    }
  }
  throw new EvaluationError(`no such overload: ${typeName(operand)}[${typeName(key)}]`)
}

function isOptional(value: Value): value is Value & { kind: 'optional' } {
  return value !== null && typeof value === 'object' && value.kind === 'optional'
}
