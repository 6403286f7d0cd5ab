import { selfSubjectReviews, tokenReviews } from '../../../shared/api/authentication.ts'
import {
  localSubjectAccessReviews,
  selfSubjectAccessReviews,
  selfSubjectRulesReviews,
  subjectAccessReviews,
} from '../../../shared/api/authorization.ts'
import { nodeMetrics, podMetrics } from '../../../shared/api/metrics.ts'
import { groupResourceOf } from '../../../shared/api/ref.ts'
import type { Resource } from '../../resources/resource.ts'
import type { Authorization } from '../authz/authorization.ts'
import type { KubeletConnector } from '../connector.ts'
import type { TokenAuthenticator } from '../filters/authenticate.ts'
import { createBinding } from '../subresources/binding.ts'
import type { Act } from '../subresources/subresource.ts'
import { componentStatuses } from '../verbs/component-statuses.ts'
import { usageMetrics } from '../verbs/usage-metrics.ts'
import { reviewRules, reviewSelf, reviewSubject } from './access-reviews.ts'
import { reviewCaller, reviewToken } from './authentication-reviews.ts'

/** What a request for a kind does that is never stored, whatever its verb; undefined for all others. */
export type TransientKinds = (resource: Resource) => Act | undefined

interface Options {
  authorization: Authorization
  tokens: TokenAuthenticator
  kubelets: KubeletConnector
}

export function createTransientKinds({ authorization, tokens, kubelets }: Options): TransientKinds {
  const acts = new Map<string, Act>([
    ['bindings', createBinding],
    ['componentstatuses', componentStatuses],
    [groupResourceOf(subjectAccessReviews), reviewSubject(authorization)],
    [groupResourceOf(localSubjectAccessReviews), reviewSubject(authorization)],
    [groupResourceOf(selfSubjectAccessReviews), reviewSelf(authorization)],
    [groupResourceOf(selfSubjectRulesReviews), reviewRules(authorization)],
    [groupResourceOf(tokenReviews), reviewToken(tokens)],
    [groupResourceOf(selfSubjectReviews), reviewCaller()],
    [groupResourceOf(nodeMetrics), usageMetrics(kubelets)],
    [groupResourceOf(podMetrics), usageMetrics(kubelets)],
  ])
  return ({ ref }) => acts.get(groupResourceOf(ref))
}
