import type { V1SelfSubjectReview } from '@kubernetes/client-node/dist/gen/models/V1SelfSubjectReview.js'
import type { V1TokenReview } from '@kubernetes/client-node/dist/gen/models/V1TokenReview.js'
import type { V1TokenReviewStatus } from '@kubernetes/client-node/dist/gen/models/V1TokenReviewStatus.js'
import type { Stored, StoredSpec, Wire } from './object.ts'
import type { ResourceRef } from './ref.ts'

export interface TokenReview extends StoredSpec<V1TokenReview> {}
export interface TokenReviewStatus extends Wire<V1TokenReviewStatus> {}
export interface SelfSubjectReview extends Stored<V1SelfSubjectReview> {}

const authentication = { group: 'authentication.k8s.io', version: 'v1' } as const

export const tokenReviews: ResourceRef<TokenReview> = {
  ...authentication,
  resource: 'tokenreviews',
  kind: 'TokenReview',
  namespaced: false,
}
export const selfSubjectReviews: ResourceRef<SelfSubjectReview> = {
  ...authentication,
  resource: 'selfsubjectreviews',
  kind: 'SelfSubjectReview',
  namespaced: false,
}
