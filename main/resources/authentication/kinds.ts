import { selfSubjectReviews, tokenReviews } from '../../../shared/api/authentication.ts'
import { anyKind, defineResource, type Resource, type Verb } from '../resource.ts'
import { schemaOf } from '../schemas.ts'

const verbs: readonly Verb[] = ['create']

/** Whose a token is: created, answered and never stored. */
const tokenReview = defineResource(tokenReviews, {
  verbs,
  schema: () => schemaOf('io.k8s.api.authentication.v1.TokenReview'),
})

/** Who asks. */
const selfSubjectReview = defineResource(selfSubjectReviews, {
  verbs,
  schema: () => schemaOf('io.k8s.api.authentication.v1.SelfSubjectReview'),
})

export const authenticationKinds: readonly Resource[] = [anyKind(selfSubjectReview), anyKind(tokenReview)]
