import {
  mutatingAdmissionPolicies,
  validatingAdmissionPolicies,
  type MutatingWebhook,
  type ValidatingAdmissionPolicy,
  type ValidatingWebhook,
} from '../../../../shared/api/admissionregistration.ts'
import { forbidden } from '../../../../shared/machinery/status.ts'
import { loadExpressions } from '../../../resources/admissionregistration/expressions.ts'
import { subjectOf } from '../../registry/core.ts'
import { jsonEqual } from '../../../../shared/machinery/json-value.ts'
import type { ResourceIndex } from '../../registry/resource-index.ts'
import { concerns, type AdmissionPlugin, type AdmissionRequest } from '../admission.ts'
import type { Asked } from '../webhooks/review.ts'
import { askingFor, whenDecided } from './authorizer.ts'
import type { PolicyParts } from './invocation.ts'
import { mutatingPolicies } from './mutating.ts'
import { validatingPolicies } from './validating.ts'

/** Admission by expressions in CEL. The language is loaded when there is one to look at. */
export interface PolicyAdmission extends Disposable {
  /** Gets ready for the validation of objects that hold expressions. */
  readonly loading: AdmissionPlugin
  readonly mutating: AdmissionPlugin
  readonly validating: AdmissionPlugin
  /** Whether the match conditions of a webhook hold. Rejects with a 403 where that can't be told and such failures count. */
  readonly conditionsMet: (webhook: ValidatingWebhook | MutatingWebhook, asked: Asked) => Promise<boolean>
}

export function createPolicyAdmission(parts: PolicyParts): PolicyAdmission {
  const mutating = mutatingPolicies(parts)
  const validating = validatingPolicies(parts)
  return {
    loading: {
      name: 'AdmissionExpressions',
      async mutate(request) {
        const { resource, operation } = request
        if (resource.ref.group !== mutatingAdmissionPolicies.group || operation === 'DELETE') return undefined
        await loadExpressions()
        const { group, resource: plural } = validatingAdmissionPolicies
        if (concerns(request, group, plural)) await checkTypes(request, parts.index)
        return undefined
      },
    },
    mutating,
    validating,
    async conditionsMet({ matchConditions = [], failurePolicy }, asked) {
      if (matchConditions.length === 0) return true
      await loadExpressions()
      const { conditionsMet } = await import('./match-conditions.ts')
      const { resource, name, user } = asked.request
      const authorizer = askingFor(user, parts.authorizer)
      const conditions = { conditions: matchConditions, failurePolicy, params: false }
      const met = await whenDecided(() => conditionsMet(conditions, { asked, authorizer }))
      if (typeof met === 'string') throw forbidden(subjectOf(resource, name), met)
      return met
    },
    [Symbol.dispose]() {
      mutating[Symbol.dispose]()
      validating[Symbol.dispose]()
    },
  }
}

/**
 * Says in the policy's status what the types of objects tell of its expressions. Upstream's controller does so after the write;
 * here it is part of it, so nobody sees a policy that has not been looked at.
 */
async function checkTypes({ object, old }: AdmissionRequest, index: ResourceIndex): Promise<void> {
  const policy = object as ValidatingAdmissionPolicy
  const before = old as ValidatingAdmissionPolicy | undefined
  if (before && jsonEqual(before.spec, policy.spec)) return
  const { typeWarnings } = await import('./type-checking.ts')
  const expressionWarnings = typeWarnings(policy.spec, index)
  policy.status = {
    ...before?.status,
    observedGeneration: (before?.metadata.generation ?? 0) + 1,
    typeChecking: expressionWarnings.length > 0 ? { expressionWarnings } : {},
  }
}
