import type { SelfSubjectReview, TokenReview, TokenReviewStatus } from '../../../shared/api/authentication.ts'
import { toTime } from '../../../shared/machinery/clock.ts'
import { badRequest } from '../../../shared/machinery/status.ts'
import type { TokenAuthenticator } from '../filters/authenticate.ts'
import type { UserInfo } from '../request.ts'
import type { Act } from '../subresources/subresource.ts'
import { review } from './review.ts'

/** TokenReview: whose a token is, for one of the audiences asked for (pkg/registry/authentication/tokenreview). */
export function reviewToken(tokens: TokenAuthenticator): Act {
  return review<TokenReview>(async object => {
    // Absent in what a client may send, whatever the type says.
    const { token = '', audiences = [] } = (object.spec as TokenReview['spec'] | undefined) ?? {}
    if (token === '') throw badRequest('token is required for TokenReview in authentication')
    const found = await tokens.review(token, audiences)
    const status: TokenReviewStatus =
      'error' in found
        ? { user: {}, error: found.error }
        : { authenticated: true, user: userOf(found.user), audiences: [...found.audiences] }
    return { ...object, status }
  })
}

/** SelfSubjectReview: who asks (KEP-3325). */
export function reviewCaller(): Act {
  return review<SelfSubjectReview>(({ kind, apiVersion }, { context, core }) => ({
    kind,
    apiVersion,
    metadata: { creationTimestamp: toTime(core.clock.now()) },
    status: { userInfo: userOf(context.user) },
  }))
}

function userOf({ name, uid, groups, extra }: UserInfo): NonNullable<TokenReviewStatus['user']> {
  const lists = Object.entries(extra ?? {}).map(([key, values]): [string, string[]] => [key, [...values]])
  return {
    username: name,
    ...(uid && { uid }),
    groups: [...groups],
    ...(lists.length > 0 && { extra: Object.fromEntries(lists) }),
  }
}
