import type { Store } from '../../store/store.ts'
import { privileged, type Authorizer, type Decision } from '../filters/authorize.ts'
import type { RequestInfo } from '../request-info.ts'
import type { UserInfo } from '../request.ts'
import { nodeAuthorizer, nodeNameOf } from './node.ts'
import { createPolicy, type Policy } from './policy.ts'
import { rbacAuthorizer } from './rbac.ts'

/** Who may do what in a cluster: upstream's `--authorization-mode=Node,RBAC`. */
export interface Authorization extends Authorizer, Disposable {
  /** The roles and bindings themselves, for reviews and checks of what is handed out. */
  policy(): Policy | Promise<Policy>
}

/**
 * Asks the members in upstream's order until one allows: system:masters may do all, then the node authorizer, then RBAC.
 * The reasons of those who did not are given together (apiserver/pkg/authorization/union).
 */
export function createAuthorization(store: Store): Authorization {
  const policy = createPolicy(store)
  const byNode = nodeAuthorizer(store)
  const byRole = rbacAuthorizer(() => policy.current())

  async function authorizeNode(user: UserInfo, info: RequestInfo): Promise<Decision> {
    const first = await byNode.authorize(user, info)
    if (first.allowed) return first
    const second = await byRole.authorize(user, info)
    return second.allowed
      ? second
      : { allowed: false, reason: [first.reason, second.reason].filter(Boolean).join('\n') }
  }
  return {
    authorize(user, info) {
      if (user.groups.includes(privileged)) return { allowed: true, reason: '' }
      return nodeNameOf(user) === undefined ? byRole.authorize(user, info) : authorizeNode(user, info)
    },
    policy: () => policy.current(),
    [Symbol.dispose]: () => policy[Symbol.dispose](),
  }
}
