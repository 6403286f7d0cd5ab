import {
  mutatingAdmissionPolicyBindings,
  validatingAdmissionPolicyBindings,
  type MutatingAdmissionPolicyBinding,
  type ValidatingAdmissionPolicyBinding,
} from '../../../shared/api/admissionregistration.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { duplicate, index, invalid, notSupported, required } from '../../../shared/machinery/field-errors.ts'
import { isDns1123Subdomain } from '../../../shared/machinery/names.ts'
import { invalidFor, repeats } from '../faults.ts'
import { bumpGeneration, startGeneration } from '../generation.ts'
import { ageColumn, nameColumn } from '../name-column.ts'
import { defineResource, type Column } from '../resource.ts'
import { schemaOf } from '../schemas.ts'
import { ensureStructs } from '../structs.ts'
import { setMatchDefaults, validateMatchResources, validateMutable } from './match-resources-validation.ts'
import { validateParamRef, type ParamRef } from './param-validation.ts'

type Binding = ValidatingAdmissionPolicyBinding | MutatingAdmissionPolicyBinding

const common = {
  categories: ['api-extensions'],
  setDefaults: (object: Binding) => {
    ensureStructs(object, 'spec')
    setMatchDefaults(object.spec.matchResources)
  },
  prepareForCreate: startGeneration,
  prepareForUpdate: bumpGeneration,
  unconditionalUpdate: false as const,
}

const columns: readonly Column<Binding>[] = [
  nameColumn,
  { name: 'PolicyName', type: 'string', cell: ({ spec }) => spec.policyName ?? '' },
  { name: 'ParamRef', type: 'string', cell: ({ spec }) => paramCell(spec.paramRef) },
  ageColumn,
]

export const validatingAdmissionPolicyBinding = defineResource(validatingAdmissionPolicyBindings, {
  ...common,
  schema: () => schemaOf('io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicyBinding'),
  validate: validateValidating,
  validateUpdate: validateValidating,
  columns,
})

export const mutatingAdmissionPolicyBinding = defineResource(mutatingAdmissionPolicyBindings, {
  ...common,
  schema: () => schemaOf('io.k8s.api.admissionregistration.v1.MutatingAdmissionPolicyBinding'),
  validate: validateMutating,
  validateUpdate: validateMutating,
  columns,
})

/** As printers.go: `*` where the namespace is that of the request. */
function paramCell(ref: ParamRef | undefined): string {
  if (!ref) return '<unset>'
  if (ref.name) return `${ref.namespace || '*'}/${ref.name}`
  return ref.selector ? JSON.stringify(ref.selector) : '<unset>'
}

function validateValidating(binding: ValidatingAdmissionPolicyBinding): StatusCause[] {
  return [...validateBinding(binding), ...validateActions(binding.spec.validationActions)]
}

function validateMutating(binding: MutatingAdmissionPolicyBinding): StatusCause[] {
  const { matchResources } = binding.spec
  return [
    ...validateBinding(binding),
    ...(matchResources ? validateMutable(matchResources, 'spec.matchResources') : []),
  ]
}

function validateBinding({ spec: { policyName = '', paramRef, matchResources } }: Binding): StatusCause[] {
  return [
    ...(policyName === ''
      ? [required('spec.policyName')]
      : invalidFor('spec.policyName', policyName, isDns1123Subdomain(policyName))),
    ...(paramRef ? validateParamRef(paramRef, 'spec.paramRef') : []),
    ...(matchResources ? validateMatchResources(matchResources, 'spec.matchResources') : []),
  ]
}

const actionNames = ['Audit', 'Deny', 'Warn']

function validateActions(actions: readonly string[] = []): StatusCause[] {
  const path = 'spec.validationActions'
  const repeated = repeats(actions, action => action)
  const pointless =
    'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)'
  return [
    ...actions.flatMap((action, i) => [
      ...(actionNames.includes(action) ? [] : [notSupported(index(path, i), action, actionNames)]),
      ...(repeated[i] ? [duplicate(index(path, i), action)] : []),
    ]),
    ...(actions.includes('Deny') && actions.includes('Warn') ? [invalid(path, actions, pointless)] : []),
    ...(actions.length === 0 ? [required(path, 'at least one validation action is required')] : []),
  ]
}
