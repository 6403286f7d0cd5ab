import {
  validatingAdmissionPolicies,
  type ValidatingAdmissionPolicy,
} from '../../../shared/api/admissionregistration.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { child, index, required } from '../../../shared/machinery/field-errors.ts'
import { validateConditions } from '../conditions-validation.ts'
import { ageColumn, nameColumn } from '../name-column.ts'
import { defineResource } from '../resource.ts'
import { schemaOf } from '../schemas.ts'
import { validateValidatingPolicy } from './validating-policy-validation.ts'
import { paramKindCell, policyStrategy } from './policy-strategy.ts'

export const validatingAdmissionPolicy = defineResource(validatingAdmissionPolicies, {
  ...policyStrategy,
  schema: () => schemaOf('io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicy'),
  validate: validateValidatingPolicy,
  validateUpdate: validateValidatingPolicy,
  status: { validateUpdate: validateStatus },
  columns: [
    nameColumn,
    { name: 'Validations', type: 'integer', cell: ({ spec }) => spec.validations?.length ?? 0 },
    { name: 'ParamKind', type: 'string', cell: ({ spec }) => paramKindCell(spec.paramKind) },
    ageColumn,
  ],
})

function validateStatus({ status }: ValidatingAdmissionPolicy): StatusCause[] {
  const warnings = status?.typeChecking?.expressionWarnings ?? []
  return [
    ...warnings.flatMap(({ warning, fieldRef }, i) => {
      const at = index('status.typeChecking.expressionWarnings', i)
      return [
        ...(warning === '' ? [required(child(at, 'warning'))] : []),
        ...(fieldRef.trim() === '' ? [required(child(at, 'fieldRef'))] : []),
      ]
    }),
    ...validateConditions(status?.conditions ?? [], 'status.conditions'),
  ]
}
