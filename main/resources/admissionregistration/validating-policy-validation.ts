import type { ValidatingAdmissionPolicy } from '../../../shared/api/admissionregistration.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import type { AdmissionScope } from '../../../shared/machinery/cel/admission.ts'
import { child, duplicate, index, invalid, notSupported, required } from '../../../shared/machinery/field-errors.ts'
import { byteLength, isQualifiedName } from '../../../shared/machinery/names.ts'
import { invalidFor, repeats } from '../faults.ts'
import { expressionFaults } from './expressions.ts'
import { validateConstraints } from './match-resources-validation.ts'
import { validatePolicyConditions, validatePolicySpec, validateVariables } from './policy-validation.ts'

type Spec = ValidatingAdmissionPolicy['spec']
type Validation = NonNullable<Spec['validations']>[number]
type AuditAnnotation = NonNullable<Spec['auditAnnotations']>[number]

const reasons = ['Forbidden', 'Invalid', 'RequestEntityTooLarge', 'Unauthorized']
const maxAuditAnnotations = 20
const maxValueExpression = 5 * 1024

/** What is wrong with a policy (pkg/apis/admissionregistration/validation validateValidatingAdmissionPolicySpec). */
export function validateValidatingPolicy({ metadata, spec }: ValidatingAdmissionPolicy): StatusCause[] {
  const { validations = [], auditAnnotations = [], variables = [], matchConstraints } = spec
  const params = spec.paramKind !== undefined
  const declared = validateVariables(variables, { path: 'spec.variables', params })
  const composed = variables.length > 0 && { variables: declared.types }
  const scope: AdmissionScope = { params, authorizer: true, ...composed }
  const nothing = 'validations or auditAnnotations must contain at least one item'
  return [
    ...validatePolicySpec(spec, 'spec'),
    ...validateConstraints(matchConstraints, 'spec.matchConstraints'),
    ...validatePolicyConditions(spec, 'spec'),
    ...declared.faults,
    ...(validations.length === 0 && auditAnnotations.length === 0
      ? [required('spec.validations', nothing), required('spec.auditAnnotations', nothing)]
      : []),
    ...validations.flatMap((one, i) => validateValidation(one, index('spec.validations', i), scope)),
    ...validateAuditAnnotations(auditAnnotations, { policy: metadata.name, scope }),
  ]
}

function validateValidation(validation: Validation, path: string, scope: AdmissionScope): StatusCause[] {
  const { expression, message = '', messageExpression = '', reason } = validation
  return [
    ...(expression.trim() === ''
      ? [required(child(path, 'expression'), 'expression is not specified')]
      : expressionFaults(expression, child(path, 'expression'), { scope, types: ['bool'] })),
    ...validateMessageExpression(messageExpression, child(path, 'messageExpression'), scope),
    ...validateMessage(message, child(path, 'message')),
    ...(reason !== undefined && !reasons.includes(reason)
      ? [notSupported(child(path, 'reason'), reason, reasons)]
      : []),
  ]
}

function validateMessageExpression(expression: string, path: string, scope: AdmissionScope): StatusCause[] {
  if (expression === '') return []
  if (expression.trim() === '') return [invalid(path, expression, 'must be non-empty if specified')]
  // Messages say what is wrong, not what else the user may do.
  return expressionFaults(expression, path, { scope: { ...scope, authorizer: false }, types: ['string'] })
}

function validateMessage(message: string, path: string): StatusCause[] {
  if (message === '') return []
  if (message.trim() === '') return [invalid(path, message, 'must be non-empty if specified')]
  return /[\n\r]/.test(message.trim()) ? [invalid(path, message, 'must not contain line breaks')] : []
}

function validateAuditAnnotations(
  annotations: readonly AuditAnnotation[],
  { policy, scope }: { policy: string; scope: AdmissionScope },
): StatusCause[] {
  const path = 'spec.auditAnnotations'
  const repeated = repeats(annotations, ({ key }) => key)
  const tooMany = `must not have more than ${maxAuditAnnotations} auditAnnotations`
  return [
    ...(annotations.length > maxAuditAnnotations ? [invalid(path, annotations, tooMany)] : []),
    ...annotations.flatMap(({ key, valueExpression }, i) => {
      const at = index(path, i)
      return [
        ...(policy === ''
          ? [invalid(child(at, 'key'), key, 'requires metadata.name be non-empty')]
          : invalidFor(child(at, 'key'), `${policy}/${key}`, isQualifiedName(`${policy}/${key}`))),
        ...validateValueExpression(valueExpression, child(at, 'valueExpression'), scope),
        ...(repeated[i] ? [duplicate(child(at, 'key'), key)] : []),
      ]
    }),
  ]
}

function validateValueExpression(expression: string, path: string, scope: AdmissionScope): StatusCause[] {
  if (expression.trim() === '') return [required(path, 'valueExpression is not specified')]
  if (byteLength(expression.trim()) > maxValueExpression) {
    return [required(path, `must not exceed ${maxValueExpression} bytes in length`)]
  }
  return expressionFaults(expression, path, { scope, types: ['string', 'null'] })
}
