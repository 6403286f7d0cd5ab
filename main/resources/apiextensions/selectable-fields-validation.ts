import type { SelectableField } from '../../../shared/api/apiextensions.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { child, duplicate, index, invalid, required, tooMany } from '../../../shared/machinery/field-errors.ts'
import type { Schema } from '../../../shared/machinery/schema.ts'
import { followPath } from './field-path.ts'

const maxFields = 8

/** Whether fields lead to single values that can be told apart (ValidateCustomResourceSelectableFields, KEP-4358). */
export function validateSelectableFields(
  fields: readonly SelectableField[],
  schema: Schema,
  path: string,
): StatusCause[] {
  const faults: StatusCause[] = []
  const seen = new Set<string>()
  fields.forEach(({ jsonPath }, i) => {
    const at = child(index(path, i), 'jsonPath')
    if (jsonPath === '') return faults.push(required(at))
    const found = followPath(schema, jsonPath, { arrayNotation: false })
    if ('fault' in found) return faults.push(invalid(at, jsonPath, `is an invalid path: ${found.fault}`))
    if (found.root === 'metadata') faults.push(invalid(at, jsonPath, 'must not point to fields in metadata'))
    if (!['string', 'boolean', 'integer'].includes(found.schema.type ?? '')) {
      const must = 'must point to a field of type string, boolean or integer.'
      faults.push(invalid(at, jsonPath, `${must} Enum string fields and strings with formats are allowed.`))
    }
    if (seen.has(found.path)) faults.push(duplicate(at, jsonPath))
    return seen.add(found.path)
  })
  return seen.size > maxFields ? [...faults, tooMany(path, seen.size, maxFields)] : faults
}
