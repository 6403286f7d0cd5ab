import type { MatchCondition } from '../../../shared/api/admissionregistration.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { child, duplicate, index, required, tooMany } from '../../../shared/machinery/field-errors.ts'
import { isQualifiedName } from '../../../shared/machinery/names.ts'
import { invalidFor, repeats } from '../faults.ts'

const limit = 64

/**
 * The match conditions of a webhook or policy, but for what their expressions say (validateMatchConditions);
 * `compile` finds the faults of one that is not empty.
 */
export function validateMatchConditions(
  conditions: readonly MatchCondition[],
  path: string,
  compile: (expression: string, path: string) => StatusCause[],
): StatusCause[] {
  const repeated = repeats(conditions, ({ name }) => name)
  return [
    ...(conditions.length > limit ? [tooMany(path, conditions.length, limit)] : []),
    ...conditions.slice(0, limit).flatMap(({ name, expression }, i) => {
      const at = index(path, i)
      const trimmed = expression.trim()
      return [
        ...(trimmed === '' ? [required(child(at, 'expression'))] : compile(trimmed, child(at, 'expression'))),
        ...(name === '' ? [required(child(at, 'name'))] : invalidFor(child(at, 'name'), name, isQualifiedName(name))),
        ...(repeated[i] === true && name !== '' ? [duplicate(child(at, 'name'), name)] : []),
      ]
    }),
  ]
}
