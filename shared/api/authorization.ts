import type { V1LocalSubjectAccessReview } from '@kubernetes/client-node/dist/gen/models/V1LocalSubjectAccessReview.js'
import type { V1ResourceAttributes } from '@kubernetes/client-node/dist/gen/models/V1ResourceAttributes.js'
import type { V1SelfSubjectAccessReview } from '@kubernetes/client-node/dist/gen/models/V1SelfSubjectAccessReview.js'
import type { V1SelfSubjectRulesReview } from '@kubernetes/client-node/dist/gen/models/V1SelfSubjectRulesReview.js'
import type { V1SubjectAccessReview } from '@kubernetes/client-node/dist/gen/models/V1SubjectAccessReview.js'
import type { V1SubjectAccessReviewStatus } from '@kubernetes/client-node/dist/gen/models/V1SubjectAccessReviewStatus.js'
import type { StoredSpec, Wire } from './object.ts'
import type { ResourceRef } from './ref.ts'

export interface SubjectAccessReview extends StoredSpec<V1SubjectAccessReview> {}
export interface LocalSubjectAccessReview extends StoredSpec<V1LocalSubjectAccessReview> {}
export interface SelfSubjectAccessReview extends StoredSpec<V1SelfSubjectAccessReview> {}
export interface SelfSubjectRulesReview extends StoredSpec<V1SelfSubjectRulesReview> {}

export interface ResourceAttributes extends Wire<V1ResourceAttributes> {}
export interface SubjectAccessReviewStatus extends Wire<V1SubjectAccessReviewStatus> {}

const authorization = { group: 'authorization.k8s.io', version: 'v1' } as const

export const subjectAccessReviews: ResourceRef<SubjectAccessReview> = {
  ...authorization,
  resource: 'subjectaccessreviews',
  kind: 'SubjectAccessReview',
  namespaced: false,
}
export const localSubjectAccessReviews: ResourceRef<LocalSubjectAccessReview> = {
  ...authorization,
  resource: 'localsubjectaccessreviews',
  kind: 'LocalSubjectAccessReview',
  namespaced: true,
}
export const selfSubjectAccessReviews: ResourceRef<SelfSubjectAccessReview> = {
  ...authorization,
  resource: 'selfsubjectaccessreviews',
  kind: 'SelfSubjectAccessReview',
  namespaced: false,
}
export const selfSubjectRulesReviews: ResourceRef<SelfSubjectRulesReview> = {
  ...authorization,
  resource: 'selfsubjectrulesreviews',
  kind: 'SelfSubjectRulesReview',
  namespaced: false,
}
