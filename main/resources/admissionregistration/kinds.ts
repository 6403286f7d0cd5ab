import { anyKind, type Resource } from '../resource.ts'
import { mutatingAdmissionPolicy } from './mutating-admission-policy.ts'
import { mutatingAdmissionPolicyBinding, validatingAdmissionPolicyBinding } from './policy-binding.ts'
import { validatingAdmissionPolicy } from './validating-admission-policy.ts'
import { mutatingWebhookConfiguration, validatingWebhookConfiguration } from './webhook-configuration.ts'

/** The kinds of admissionregistration.k8s.io. */
export const admissionregistrationKinds: readonly Resource[] = [
  anyKind(mutatingAdmissionPolicy),
  anyKind(mutatingAdmissionPolicyBinding),
  anyKind(mutatingWebhookConfiguration),
  anyKind(validatingAdmissionPolicy),
  anyKind(validatingAdmissionPolicyBinding),
  anyKind(validatingWebhookConfiguration),
]
