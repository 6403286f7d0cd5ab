import type { PolicyRule } from '../../../shared/api/rbac.ts'
import type { Authorizer } from '../filters/authorize.ts'
import type { UserInfo } from '../request.ts'
import { ruleAllows } from './match-rule.ts'
import type { Policy } from './policy.ts'

/** The rules a user has, with what could not be resolved ('' if all could). */
export interface Rules {
  rules: readonly PolicyRule[]
  error: string
}

/** Lets through what a role that is bound to the user allows (plugin/pkg/auth/authorizer/rbac). */
export function rbacAuthorizer(current: () => Policy | Promise<Policy>): Authorizer {
  return {
    authorize(user, info) {
      const decide = (policy: Policy) => {
        const faults: string[] = []
        for (const { rule, source } of policy.grants(user, info.namespace, text => faults.push(text))) {
          if (ruleAllows(rule, info)) return { allowed: true, reason: `RBAC: allowed by ${source()}` }
        }
        return { allowed: false, reason: faults.length > 0 ? `RBAC: ${aggregate(faults)}` : '' }
      }
      const policy = current()
      return policy instanceof Promise ? policy.then(decide) : decide(policy)
    },
  }
}

/** All rules of a user, for reviews and for the check that nobody hands out what they do not have. */
export function rulesFor(policy: Policy, user: UserInfo, namespace: string): Rules {
  const faults: string[] = []
  const rules = [...policy.grants(user, namespace, text => faults.push(text))].map(({ rule }) => rule)
  return { rules, error: faults.length > 0 ? aggregate(faults) : '' }
}

/** Several errors as one, each once (apimachinery/pkg/util/errors Aggregate). */
function aggregate(texts: readonly string[]): string {
  const [first = '', ...others] = new Set(texts)
  return others.length === 0 ? first : `[${[first, ...others].join(', ')}]`
}
