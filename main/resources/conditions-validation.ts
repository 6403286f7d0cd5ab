import type { StatusCause } from '../../shared/api/object.ts'
import {
  child,
  duplicate,
  index,
  invalid,
  notSupported,
  required,
  tooLong,
} from '../../shared/machinery/field-errors.ts'
import { byteLength, isQualifiedName } from '../../shared/machinery/names.ts'
import { invalidFor, repeats } from './faults.ts'

/** A metav1.Condition as a client sends it. */
interface Condition {
  type: string
  status: string
  observedGeneration?: number
  lastTransitionTime?: string
  reason?: string
  message?: string
}

const reasonPattern = '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?'
const reasonText = `a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName',  or 'ReasonA,ReasonB',  or 'ReasonA:ReasonB', regex used for validation is '${reasonPattern}')`

/** What is wrong with conditions of the common form (apimachinery/pkg/apis/meta/v1/validation ValidateConditions). */
export function validateConditions(conditions: readonly Condition[], path: string): StatusCause[] {
  const repeated = repeats(conditions, ({ type }) => type)
  return conditions.flatMap((condition, i) => {
    const at = index(path, i)
    return [...(repeated[i] ? [duplicate(child(at, 'type'), condition.type)] : []), ...validateCondition(condition, at)]
  })
}

function validateCondition(condition: Condition, path: string): StatusCause[] {
  const { type, status, observedGeneration = 0, lastTransitionTime, reason = '', message = '' } = condition
  const at = (field: string) => child(path, field)
  const known = ['False', 'True', 'Unknown']
  const limited = (field: string, value: string, limit: number) =>
    byteLength(value) > limit ? [tooLong(at(field), limit)] : []
  const isReason = new RegExp(`^${reasonPattern}$`).test(reason)
  return [
    ...invalidFor(at('type'), type, isQualifiedName(type)),
    ...(known.includes(status) ? [] : [notSupported(at('status'), status, known)]),
    ...(observedGeneration < 0
      ? [invalid(at('observedGeneration'), observedGeneration, 'must be greater than or equal to zero')]
      : []),
    ...(lastTransitionTime ? [] : [required(at('lastTransitionTime'))]),
    ...(reason === '' ? [required(at('reason'))] : isReason ? [] : [invalid(at('reason'), reason, reasonText)]),
    ...limited('reason', reason, 1024),
    ...limited('message', message, 32 * 1024),
  ]
}
