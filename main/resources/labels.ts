import type { StatusCause } from '../../shared/api/object.ts'
import { child, forbidden, index, invalid, required } from '../../shared/machinery/field-errors.ts'
import { isLabelValue, isQualifiedName } from '../../shared/machinery/names.ts'
import type { LabelSelector } from '../../shared/machinery/selectors.ts'
import { invalidFor } from './faults.ts'

/** Whether keys and values of labels are well formed (apimachinery/pkg/apis/meta/v1/validation ValidateLabels). */
export function validateLabels(labels: Record<string, string> | undefined, path: string): StatusCause[] {
  return Object.entries(labels ?? {}).flatMap(([key, value]) => [
    ...invalidFor(path, key, isQualifiedName(key)),
    ...invalidFor(path, value, isLabelValue(value)),
  ])
}

/** Whether a selector is well formed (ValidateLabelSelector). An absent one is. */
export function validateLabelSelector(selector: LabelSelector | undefined, path: string): StatusCause[] {
  const expressions = selector?.matchExpressions ?? []
  return [
    ...validateLabels(selector?.matchLabels, child(path, 'matchLabels')),
    ...expressions.flatMap((expression, i) =>
      validateExpression(expression, index(child(path, 'matchExpressions'), i)),
    ),
  ]
}

type Expression = NonNullable<LabelSelector['matchExpressions']>[number]

function validateExpression({ key, operator, values = [] }: Expression, path: string): StatusCause[] {
  const valuesPath = child(path, 'values')
  return [
    ...validateOperator({ operator, count: values.length }, path),
    ...invalidFor(child(path, 'key'), key, isQualifiedName(key)),
    ...values.flatMap((value, i) => invalidFor(index(valuesPath, i), value, isLabelValue(value))),
  ]
}

function validateOperator({ operator, count }: { operator: string; count: number }, path: string): StatusCause[] {
  const values = child(path, 'values')
  switch (operator) {
    case 'In':
    case 'NotIn':
      return count > 0 ? [] : [required(values, "must be specified when `operator` is 'In' or 'NotIn'")]
    case 'Exists':
    case 'DoesNotExist':
      return count === 0
        ? []
        : [forbidden(values, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")]
    default:
      return [invalid(child(path, 'operator'), operator, 'not a valid selector operator')]
  }
}

/** Whether nothing is asked for: such a selector selects everything. */
export function isEmptySelector(selector: LabelSelector): boolean {
  return Object.keys(selector.matchLabels ?? {}).length === 0 && (selector.matchExpressions ?? []).length === 0
}

/** Labels in the order in which Go prints maps, for messages. */
export function sortedLabels(labels: Record<string, string> | undefined): Record<string, string> | undefined {
  return labels && Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)))
}
