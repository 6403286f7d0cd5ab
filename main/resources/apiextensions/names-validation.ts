import type { CustomResourceColumn, CustomResourceNames } from '../../../shared/api/apiextensions.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { child, index, invalid, required } from '../../../shared/machinery/field-errors.ts'
import { isDns1035Label } from '../../../shared/machinery/names.ts'

const mixedCase = 'may have mixed case, but should otherwise match: '

/** What is wrong with names that are given; which must be is another question (ValidateCustomResourceDefinitionNames). */
export function validateNames(names: Partial<CustomResourceNames>, path: string): StatusCause[] {
  const { plural = '', singular = '', kind = '', listKind = '', shortNames = [], categories = [] } = names
  return [
    ...label(child(path, 'plural'), plural),
    ...label(child(path, 'singular'), singular),
    ...label(child(path, 'kind'), kind, mixedCase),
    ...label(child(path, 'listKind'), listKind, mixedCase),
    ...shortNames.flatMap((name, i) => label(index(child(path, 'shortNames'), i), name)),
    ...(kind !== '' && kind === listKind
      ? [invalid(child(path, 'listKind'), listKind, 'kind and listKind may not be the same')]
      : []),
    ...categories.flatMap((name, i) => label(index(child(path, 'categories'), i), name)),
  ]
}

function label(path: string, name: string, prefix = ''): StatusCause[] {
  if (name === '' && !path.endsWith(']')) return []
  const faults = isDns1035Label(prefix === '' ? name : name.toLowerCase())
  return faults.length > 0 ? [invalid(path, name, prefix + faults.join(','))] : []
}

const types = ['boolean', 'date', 'integer', 'number', 'string']
const formats = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password']

/** What is wrong with a column (ValidateCustomResourceColumnDefinition). */
export function validateColumn(column: CustomResourceColumn, path: string): StatusCause[] {
  const faults: StatusCause[] = []
  const { name, type, format = '', jsonPath } = column
  const oneOfTypes = `must be one of ${types.join(',')}`
  if (name === '') faults.push(required(child(path, 'name')))
  if (type === '') faults.push(required(child(path, 'type'), oneOfTypes))
  else if (!types.includes(type)) faults.push(invalid(child(path, 'type'), type, oneOfTypes))
  if (format !== '' && !formats.includes(format)) {
    faults.push(invalid(child(path, 'format'), format, `must be one of ${formats.join(',')}`))
  }
  // Upstream's spelling of the field.
  const pathPath = child(path, 'JSONPath')
  if (jsonPath === '') faults.push(required(pathPath))
  else faults.push(...validateSimplePath(jsonPath, pathPath))
  return faults
}

/** A JSON path that begins at a field. */
export function validateSimplePath(text: string, path: string): StatusCause[] {
  return text.startsWith('.') ? [] : [invalid(path, text, 'must be a simple json path starting with .')]
}
