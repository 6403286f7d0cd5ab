import type { StatusCause } from '../../../shared/api/object.ts'
import { tooLong, typeInvalid } from '../../../shared/machinery/field-errors.ts'
import { isList } from '../../../shared/machinery/json-value.ts'
import type { Schema } from '../../../shared/machinery/schema.ts'
import { formatOf, hasFormat } from './formats.ts'
import { matchesPattern } from './pattern.ts'
import { createResult, fieldOf, invalidValue, placeless, type Place, type Result } from './validation-result.ts'

function typesOf(schema: Schema): string[] {
  if (schema['x-kubernetes-int-or-string']) return ['integer', 'string']
  return schema.type ? [schema.type] : []
}

/** The type of a JSON value, and the format that Go's type of it has. */
function typeOf(value: unknown): [type: string, format: string] {
  if (value === null) return ['null', '']
  if (isList(value)) return ['array', '']
  if (typeof value === 'bigint' || Number.isInteger(value)) return ['integer', 'int64']
  if (typeof value === 'number') return ['number', 'float64']
  return [typeof value, '']
}

/** Whether a value has the type that the schema asks for (validate/type.go, in its order). */
export function validateType(schema: Schema, value: unknown, at: Place): Result {
  const result = createResult()
  const types = typesOf(schema)
  const format = formatOf(schema)
  if (types.length === 0 && format === '') return result
  const [type, valueFormat] = typeOf(value)
  const refuse = (wanted: string, found: string) => result.add(wrongType(at, wanted, found))
  if (value === null) {
    if (types.length > 0 && !schema.nullable) refuse(types.join(','), 'null')
    return result
  }
  const fits = types.includes(type) || (type === 'integer' && types.includes('number'))
  const numeric = types.includes('number') || types.includes('integer')
  const isTextual = typeof value === 'string' || isList(value)
  if (!isTextual && format !== '' && !fits && valueFormat !== format) refuse(format, valueFormat)
  else if (isTextual && format !== '' && !numeric) result.count(1)
  else if (!fits) refuse(types.join(','), type)
  else result.count(1)
  return result
}

function wrongType(at: Place, wanted: string, found: string): StatusCause {
  return typeInvalid(fieldOf(at), found, `${at.path} in body must be of type ${wanted}: ${JSON.stringify(found)}`)
}

/** Length, pattern and format; the first fault of the former two counts. */
export function validateText(schema: Schema, text: string, at: Place): Result {
  const result = createResult()
  const fault = textFault(schema, text, at)
  if (fault) result.add(fault)
  const format = formatOf(schema)
  if (format !== '' && !hasFormat(format, text)) result.add(wrongType(at, format, text))
  result.count(format === '' ? 1 : 2)
  return result
}

function textFault(schema: Schema, text: string, at: Place): StatusCause | undefined {
  const { minLength, maxLength, pattern = '' } = schema
  const length = minLength === undefined && maxLength === undefined ? 0 : Array.from(text).length
  if (maxLength !== undefined && length > maxLength) return tooLong(fieldOf(at), maxLength)
  if (minLength !== undefined && length < minLength) {
    return invalidValue(at, text, `should be at least ${minLength} chars long`)
  }
  if (pattern !== '' && !matchesPattern(pattern, text)) return invalidValue(at, text, `should match '${pattern}'`)
  return undefined
}

/** Range and divisibility (validate/validator.go numberValidator). */
export function validateNumber(schema: Schema, value: number | bigint, at: Place): Result {
  const { multipleOf, maximum, exclusiveMaximum = false, minimum, exclusiveMinimum = false } = schema
  const result = createResult()
  const range = rangeFault(schema, value, at)
  if (range) result.add(range)
  if (multipleOf !== undefined && !isMultiple(value, multipleOf)) {
    result.add(invalidValue(at, value, `should be a multiple of ${multipleOf}`))
  }
  if (maximum !== undefined && (exclusiveMaximum ? value >= maximum : value > maximum)) {
    result.add(invalidValue(at, value, `should be less than ${exclusiveMaximum ? '' : 'or equal to '}${maximum}`))
  }
  if (minimum !== undefined && (exclusiveMinimum ? value <= minimum : value < minimum)) {
    result.add(invalidValue(at, value, `should be greater than ${exclusiveMinimum ? '' : 'or equal to '}${minimum}`))
  }
  result.count(2)
  return result
}

function isMultiple(value: number | bigint, factor: number): boolean {
  if (typeof value === 'bigint')
    return Number.isInteger(factor) ? value % BigInt(factor) === 0n : isMultiple(Number(value), factor)
  if (Number.isInteger(value) && Number.isInteger(factor)) return value % factor === 0
  const quotient = factor < 1 ? (1 / factor) * value : value / factor
  return Number.isInteger(quotient) || Math.abs(quotient - Math.round(quotient)) < 1e-9
}

function rangeFault(schema: Schema, value: number | bigint, at: Place): StatusCause | undefined {
  const format = formatOf(schema)
  const fits =
    (schema.type !== 'integer' || typeof value === 'bigint' || Number.isInteger(value)) &&
    (format !== 'int32' || (value >= -2147483648 && value <= 2147483647)) &&
    (format !== 'float' || Math.abs(Number(value)) <= 3.4028234663852886e38)
  if (fits) return undefined
  const form = format === '' ? ' (default format)' : ` with format ${format}`
  return placeless(at, `Checked value must be of type ${schema.type ?? ''}${form} in ${at.path}`)
}
