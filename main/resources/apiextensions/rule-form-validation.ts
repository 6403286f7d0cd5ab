import type { StatusCause } from '../../../shared/api/object.ts'
import { child, index, invalid, notSupported, required } from '../../../shared/machinery/field-errors.ts'
import type { Schema, ValidationRule } from '../../../shared/machinery/schema.ts'
import { followPath } from './field-path.ts'
import type { WrittenSchema } from './sub-schemas.ts'

const reasons = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired']
const breaks = /[\n\r]/

/** What is wrong with x-kubernetes-validations before anyone compiles a rule. */
export function validateRuleForms(schema: WrittenSchema, path: string): StatusCause[] {
  const rules = schema['x-kubernetes-validations'] ?? []
  return rules.flatMap((rule, i) => validateRule(schema, rule, index(child(path, 'x-kubernetes-validations'), i)))
}

function validateRule(schema: WrittenSchema, given: ValidationRule, path: string): StatusCause[] {
  const { rule, message = '', messageExpression = '', reason, fieldPath = '' } = given
  const at = (name: string) => child(path, name)
  const text = message.trim()
  const faults: StatusCause[] = []
  if (rule.trim() === '') faults.push(required(at('rule'), 'rule is not specified'))
  else if (message !== '' && text === '') {
    faults.push(invalid(at('message'), message, 'must be non-empty if specified'))
  } else if (breaks.test(text)) faults.push(invalid(at('message'), message, 'must not contain line breaks'))
  else if (breaks.test(rule.trim()) && text === '') {
    faults.push(required(at('message'), 'message must be specified if rule contains line breaks'))
  }
  if (messageExpression !== '' && messageExpression.trim() === '') {
    faults.push(required(at('messageExpression'), 'messageExpression must be non-empty if specified'))
  }
  if (reason !== undefined && !reasons.includes(reason)) faults.push(notSupported(at('reason'), reason, reasons))
  if (fieldPath !== '') {
    if (fieldPath.trim() === '') faults.push(invalid(at('fieldPath'), fieldPath, 'must be non-empty if specified'))
    if (breaks.test(fieldPath)) faults.push(invalid(at('fieldPath'), fieldPath, 'must not contain line breaks'))
    if ('fault' in followPath(schema as Schema, fieldPath, { arrayNotation: true })) {
      faults.push(invalid(at('fieldPath'), fieldPath, 'must be a valid path'))
    }
  }
  return faults
}
