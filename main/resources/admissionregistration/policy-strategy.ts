import type { MutatingAdmissionPolicy, ValidatingAdmissionPolicy } from '../../../shared/api/admissionregistration.ts'
import { bumpGeneration, startGeneration } from '../generation.ts'
import { ensureStructs } from '../structs.ts'
import { setMatchDefaults } from './match-resources-validation.ts'

type Policy = MutatingAdmissionPolicy | ValidatingAdmissionPolicy

/** What policies that validate and those that mutate have in common (pkg/registry/admissionregistration, strategy.go). */
export const policyStrategy = {
  categories: ['api-extensions'],
  setDefaults(object: Policy) {
    ensureStructs(object, 'spec')
    const { spec } = object
    spec.failurePolicy ??= 'Fail'
    setMatchDefaults(spec.matchConstraints)
  },
  prepareForCreate: startGeneration,
  prepareForUpdate: bumpGeneration,
  unconditionalUpdate: false,
} as const

/** As printers.go: `<unset>` where there are none. */
export function paramKindCell(kind: Policy['spec']['paramKind']): string {
  return kind ? `${kind.apiVersion ?? ''}/${kind.kind ?? ''}` : '<unset>'
}
