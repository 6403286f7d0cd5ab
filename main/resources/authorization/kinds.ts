import {
  localSubjectAccessReviews,
  selfSubjectAccessReviews,
  selfSubjectRulesReviews,
  subjectAccessReviews,
} from '../../../shared/api/authorization.ts'
import { anyKind, defineResource, type Resource, type Verb } from '../resource.ts'
import { schemaOf } from '../schemas.ts'
import {
  validateLocalSubjectAccessReview,
  validateSelfSubjectAccessReview,
  validateSubjectAccessReview,
} from './access-review-validation.ts'

const verbs: readonly Verb[] = ['create']
const definition = (kind: string) => schemaOf(`io.k8s.api.authorization.v1.${kind}`)

/** Questions about rights: created, answered and never stored. */
const subjectAccessReview = defineResource(subjectAccessReviews, {
  verbs,
  schema: () => definition('SubjectAccessReview'),
  setDefaults: ensureSpec,
  validate: validateSubjectAccessReview,
})
const localSubjectAccessReview = defineResource(localSubjectAccessReviews, {
  verbs,
  schema: () => definition('LocalSubjectAccessReview'),
  setDefaults: ensureSpec,
  validate: validateLocalSubjectAccessReview,
})
const selfSubjectAccessReview = defineResource(selfSubjectAccessReviews, {
  verbs,
  schema: () => definition('SelfSubjectAccessReview'),
  setDefaults: ensureSpec,
  validate: validateSelfSubjectAccessReview,
})
const selfSubjectRulesReview = defineResource(selfSubjectRulesReviews, {
  verbs,
  schema: () => definition('SelfSubjectRulesReview'),
  setDefaults: ensureSpec,
})

/** Absent in what a client may send, whatever the type says. */
function ensureSpec(object: { spec?: object }): void {
  object.spec ??= {}
}

export const authorizationKinds: readonly Resource[] = [
  anyKind(localSubjectAccessReview),
  anyKind(selfSubjectAccessReview),
  anyKind(selfSubjectRulesReview),
  anyKind(subjectAccessReview),
]
