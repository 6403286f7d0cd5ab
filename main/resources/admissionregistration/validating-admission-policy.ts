import {
  validatingAdmissionPolicies,
  type ValidatingAdmissionPolicy,
} from '../../../shared/api/admissionregistration.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { child, index, required } from '../../../shared/machinery/field-errors.ts'
import { validateConditions } from '../conditions-validation.ts'
import { bumpGeneration, startGeneration } from '../generation.ts'
import { ageColumn, nameColumn } from '../name-column.ts'
import { defineResource } from '../resource.ts'
import { schemaOf } from '../schemas.ts'
import { ensureStructs } from '../structs.ts'
import { setMatchDefaults } from './match-resources-validation.ts'
import { validateValidatingPolicy } from './validating-policy-validation.ts'

export const validatingAdmissionPolicy = defineResource(validatingAdmissionPolicies, {
  categories: ['api-extensions'],
  schema: () => schemaOf('io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicy'),
  setDefaults: object => {
    ensureStructs(object, 'spec')
    const { spec } = object
    spec.failurePolicy ??= 'Fail'
    setMatchDefaults(spec.matchConstraints)
  },
  prepareForCreate: startGeneration,
  prepareForUpdate: bumpGeneration,
  validate: validateValidatingPolicy,
  validateUpdate: validateValidatingPolicy,
  unconditionalUpdate: false,
  status: { validateUpdate: validateStatus },
  columns: [
    nameColumn,
    { name: 'Validations', type: 'integer', cell: ({ spec }) => spec.validations?.length ?? 0 },
    { name: 'ParamKind', type: 'string', cell: ({ spec }) => paramKindCell(spec.paramKind) },
    ageColumn,
  ],
})

/** As printers.go: `<unset>` where there are none. */
export function paramKindCell(kind: ValidatingAdmissionPolicy['spec']['paramKind']): string {
  return kind ? `${kind.apiVersion ?? ''}/${kind.kind ?? ''}` : '<unset>'
}

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
