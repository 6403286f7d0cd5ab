import { anyKind, type Resource } from '../resource.ts'
import { mutatingWebhookConfiguration, validatingWebhookConfiguration } from './webhook-configuration.ts'

/** The kinds of admissionregistration.k8s.io. */
export const admissionregistrationKinds: readonly Resource[] = [
  anyKind(mutatingWebhookConfiguration),
  anyKind(validatingWebhookConfiguration),
]
