import type { StatusCause } from '../../../shared/api/object.ts'
import type { StorageClass } from '../../../shared/api/storage.ts'
import { child, duplicate, index, required } from '../../../shared/machinery/field-errors.ts'
import { isQualifiedName } from '../../../shared/machinery/names.ts'
import { invalidFor, repeats } from '../faults.ts'

type Term = NonNullable<StorageClass['allowedTopologies']>[number]
type Requirement = NonNullable<Term['matchLabelExpressions']>[number]

/** Faults of where volumes of a class may be (validateAllowedTopologies, ValidateTopologySelectorTerm). */
export function validateTopologies(terms: Term[], path: string): StatusCause[] {
  const repeated = repeats(terms, meaning)
  return terms.flatMap(({ matchLabelExpressions = [] }, i) => {
    const at = child(index(path, i), 'matchLabelExpressions')
    const sameKey = repeats(matchLabelExpressions, ({ key }) => key)
    return [
      ...matchLabelExpressions.flatMap((requirement, j) => [
        ...validateRequirement(requirement, index(at, j)),
        ...(sameKey[j] ? [duplicate(child(index(at, j), 'key'), requirement.key)] : []),
      ]),
      // Upstream compares with empty terms, too, which so are never the first of their kind.
      ...(repeated[i] || matchLabelExpressions.length === 0 ? [duplicate(at, '')] : []),
    ]
  })
}

/** Equal for terms that ask for the same, in whatever order. */
function meaning({ matchLabelExpressions = [] }: Term): string {
  const asked = new Map(matchLabelExpressions.map(({ key, values }) => [key, [...new Set(values)].sort()]))
  return JSON.stringify([...asked].sort(([a], [b]) => (a < b ? -1 : 1)))
}

function validateRequirement({ key, values }: Requirement, path: string): StatusCause[] {
  const at = child(path, 'values')
  const repeated = repeats(values, value => value)
  return [
    ...(values.length === 0 ? [required(at)] : []),
    ...values.flatMap((value, i) => (repeated[i] ? [duplicate(index(at, i), value)] : [])),
    ...invalidFor(child(path, 'key'), key, isQualifiedName(key)),
  ]
}
