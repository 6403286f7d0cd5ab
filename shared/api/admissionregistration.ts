import type { V1MatchCondition } from '@kubernetes/client-node/dist/gen/models/V1MatchCondition.js'
import type { V1MatchResources } from '@kubernetes/client-node/dist/gen/models/V1MatchResources.js'
import type { V1MutatingAdmissionPolicy } from '@kubernetes/client-node/dist/gen/models/V1MutatingAdmissionPolicy.js'
import type { V1MutatingAdmissionPolicyBinding } from '@kubernetes/client-node/dist/gen/models/V1MutatingAdmissionPolicyBinding.js'
import type { V1MutatingWebhook } from '@kubernetes/client-node/dist/gen/models/V1MutatingWebhook.js'
import type { V1MutatingWebhookConfiguration } from '@kubernetes/client-node/dist/gen/models/V1MutatingWebhookConfiguration.js'
import type { V1NamedRuleWithOperations } from '@kubernetes/client-node/dist/gen/models/V1NamedRuleWithOperations.js'
import type { V1ValidatingAdmissionPolicy } from '@kubernetes/client-node/dist/gen/models/V1ValidatingAdmissionPolicy.js'
import type { V1ValidatingAdmissionPolicyBinding } from '@kubernetes/client-node/dist/gen/models/V1ValidatingAdmissionPolicyBinding.js'
import type { V1ValidatingWebhook } from '@kubernetes/client-node/dist/gen/models/V1ValidatingWebhook.js'
import type { V1ValidatingWebhookConfiguration } from '@kubernetes/client-node/dist/gen/models/V1ValidatingWebhookConfiguration.js'
import type { Stored, StoredSpec, Wire } from './object.ts'
import type { ResourceRef } from './ref.ts'

/** Which operations on which resources something is asked about. */
export interface NamedRule extends Wire<V1NamedRuleWithOperations> {}
export interface MatchCondition extends Wire<V1MatchCondition> {}
export interface MatchResources extends Wire<V1MatchResources> {}

export interface ValidatingAdmissionPolicy extends StoredSpec<V1ValidatingAdmissionPolicy> {}
export interface ValidatingAdmissionPolicyBinding extends StoredSpec<V1ValidatingAdmissionPolicyBinding> {}
export interface MutatingAdmissionPolicy extends StoredSpec<V1MutatingAdmissionPolicy> {}
export interface MutatingAdmissionPolicyBinding extends StoredSpec<V1MutatingAdmissionPolicyBinding> {}

export interface MutatingWebhook extends Wire<V1MutatingWebhook> {}
export interface ValidatingWebhook extends Wire<V1ValidatingWebhook> {}
export interface MutatingWebhookConfiguration extends Stored<V1MutatingWebhookConfiguration> {}
export interface ValidatingWebhookConfiguration extends Stored<V1ValidatingWebhookConfiguration> {}

const place = { group: 'admissionregistration.k8s.io', version: 'v1', namespaced: false } as const

export const validatingAdmissionPolicies: ResourceRef<ValidatingAdmissionPolicy> = {
  ...place,
  resource: 'validatingadmissionpolicies',
  kind: 'ValidatingAdmissionPolicy',
}

export const validatingAdmissionPolicyBindings: ResourceRef<ValidatingAdmissionPolicyBinding> = {
  ...place,
  resource: 'validatingadmissionpolicybindings',
  kind: 'ValidatingAdmissionPolicyBinding',
}

export const mutatingAdmissionPolicies: ResourceRef<MutatingAdmissionPolicy> = {
  ...place,
  resource: 'mutatingadmissionpolicies',
  kind: 'MutatingAdmissionPolicy',
}

export const mutatingAdmissionPolicyBindings: ResourceRef<MutatingAdmissionPolicyBinding> = {
  ...place,
  resource: 'mutatingadmissionpolicybindings',
  kind: 'MutatingAdmissionPolicyBinding',
}

export const mutatingWebhookConfigurations: ResourceRef<MutatingWebhookConfiguration> = {
  ...place,
  resource: 'mutatingwebhookconfigurations',
  kind: 'MutatingWebhookConfiguration',
}

export const validatingWebhookConfigurations: ResourceRef<ValidatingWebhookConfiguration> = {
  ...place,
  resource: 'validatingwebhookconfigurations',
  kind: 'ValidatingWebhookConfiguration',
}
