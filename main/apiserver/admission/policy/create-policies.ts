import {
  mutatingAdmissionPolicies,
  type MutatingWebhook,
  type ValidatingWebhook,
} from '../../../../shared/api/admissionregistration.ts'
import { forbidden } from '../../../../shared/machinery/status.ts'
import { loadExpressions } from '../../../resources/admissionregistration/expressions.ts'
import { subjectOf } from '../../registry/core.ts'
import type { AdmissionPlugin } from '../admission.ts'
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
  conditionsMet(webhook: ValidatingWebhook | MutatingWebhook, asked: Asked): Promise<boolean>
}

export function createPolicyAdmission(parts: PolicyParts): PolicyAdmission {
  const mutating = mutatingPolicies(parts)
  const validating = validatingPolicies(parts)
  return {
    loading: {
      name: 'AdmissionExpressions',
      async mutate({ resource, operation }) {
        if (resource.ref.group !== mutatingAdmissionPolicies.group || operation === 'DELETE') return undefined
        await loadExpressions()
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
