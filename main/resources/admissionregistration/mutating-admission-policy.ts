import { mutatingAdmissionPolicies, type MutatingAdmissionPolicy } from '../../../shared/api/admissionregistration.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import type { AdmissionScope } from '../../../shared/machinery/cel/admission.ts'
import { child, index, invalid, notSupported, required } from '../../../shared/machinery/field-errors.ts'
import { oneOf } from '../faults.ts'
import { ageColumn, nameColumn } from '../name-column.ts'
import { defineResource } from '../resource.ts'
import { schemaOf } from '../schemas.ts'
import { expressionFaults } from './expressions.ts'
import { validateConstraints, validateMutable } from './match-resources-validation.ts'
import { validatePolicyConditions, validatePolicySpec, validateVariables } from './policy-validation.ts'
import { paramKindCell, policyStrategy } from './policy-strategy.ts'

type Mutation = NonNullable<MutatingAdmissionPolicy['spec']['mutations']>[number]

export const mutatingAdmissionPolicy = defineResource(mutatingAdmissionPolicies, {
  ...policyStrategy,
  schema: () => schemaOf('io.k8s.api.admissionregistration.v1.MutatingAdmissionPolicy'),
  validate,
  validateUpdate: validate,
  columns: [
    nameColumn,
    { name: 'Mutations', type: 'integer', cell: ({ spec }) => spec.mutations?.length ?? 0 },
    { name: 'ParamKind', type: 'string', cell: ({ spec }) => paramKindCell(spec.paramKind) },
    ageColumn,
  ],
})

/** What is wrong with a policy (pkg/apis/admissionregistration/validation validateMutatingAdmissionPolicySpec). */
function validate({ spec }: MutatingAdmissionPolicy): StatusCause[] {
  const { mutations = [], variables = [], matchConstraints, reinvocationPolicy } = spec
  const params = spec.paramKind !== undefined
  const declared = validateVariables(variables, { path: 'spec.variables', params })
  const scope: AdmissionScope = { params, authorizer: true, variables: declared.types, patches: true }
  return [
    ...validatePolicySpec(spec, 'spec'),
    ...validateConstraints(matchConstraints, 'spec.matchConstraints'),
    ...(matchConstraints ? validateMutable(matchConstraints, 'spec.matchConstraints') : []),
    ...validatePolicyConditions(spec, 'spec'),
    ...declared.faults,
    ...(mutations.length === 0 ? [required('spec.mutations', 'mutations must contain at least one item')] : []),
    ...mutations.flatMap((mutation, i) => validateMutation(mutation, index('spec.mutations', i), scope)),
    ...oneOf('spec.reinvocationPolicy', reinvocationPolicy, ['IfNeeded', 'Never']),
  ]
}

/** The two forms of a patch, and what their expressions give. */
const forms = {
  ApplyConfiguration: { own: 'applyConfiguration', other: 'jsonPatch', types: ['Object'] },
  JSONPatch: { own: 'jsonPatch', other: 'applyConfiguration', types: ['list(JSONPatch)'] },
} as const

function validateMutation(mutation: Mutation, path: string, scope: AdmissionScope): StatusCause[] {
  const { patchType } = mutation
  if (!patchType) return [required(child(path, 'patchType'))]
  if (patchType !== 'ApplyConfiguration' && patchType !== 'JSONPatch') {
    return [notSupported(child(path, 'patchType'), patchType, Object.keys(forms))]
  }
  const { own, other, types } = forms[patchType]
  const given = mutation[own]
  const expression = (given?.expression ?? '').trim()
  const at = child(path, own, 'expression')
  return [
    ...(given ? [] : [required(child(path, own), `must be specified when patchType is ${patchType}`)]),
    ...(given && expression === '' ? [required(at)] : []),
    ...(expression === '' ? [] : expressionFaults(expression, at, { scope, types })),
    ...(mutation[other]
      ? [invalid(child(path, other), `{${other}}`, `must not be specified when patchType is ${patchType}`)]
      : []),
  ]
}
