import type { Authorizer as Asked, Check } from '../../../../shared/machinery/cel/lib/authorizer.ts'
import { EvaluationError } from '../../../../shared/machinery/cel/value.ts'
import type { Authorizer, Decision } from '../../filters/authorize.ts'
import type { RequestInfo } from '../../request-info.ts'
import type { UserInfo } from '../../request.ts'

/** The authorizer needs time to decide: once `ready`, the evaluation is made again and finds the decision. */
class Undecided extends Error {
  override readonly name = 'Undecided'
  readonly ready: Promise<void>

  constructor(ready: Promise<void>) {
    super('the authorizer has not decided yet')
    this.ready = ready
  }
}

/** The authorizer that expressions ask about a user: each question is decided once (admission/plugin/authorizer). */
export function askingFor(user: UserInfo, authorizer: Authorizer): Asked {
  const decided = new Map<string, Decision>()
  return {
    authorize(check, verb, account) {
      const subject: UserInfo = account ? serviceAccount(account) : user
      const key = JSON.stringify([check, verb, account])
      const known = decided.get(key)
      if (known) return known
      const decision = authorizer.authorize(subject, infoOf(check, verb))
      if (decision instanceof Promise) throw new Undecided(decision.then(made => void decided.set(key, made)))
      decided.set(key, decision)
      return decision
    },
  }
}

function serviceAccount({ namespace, name }: { namespace: string; name: string }): UserInfo {
  if (namespace === '' || name === '') throw new EvaluationError('Invalid service account name')
  const groups = ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated']
  return { name: `system:serviceaccount:${namespace}:${name}`, groups }
}

function infoOf(check: Check, verb: string): RequestInfo {
  const { path = '', group = '', resource = '', subresource = '', namespace = '', name = '', fieldSelector } = check
  return {
    isResource: path === '',
    path,
    verb,
    group,
    version: '*',
    namespace,
    resource,
    subresource,
    name,
    rest: '',
    ...(fieldSelector && { fieldSelector }),
  }
}

/** Runs what evaluates expressions, as often as the authorizer asks for time. It must start from scratch each time. */
export async function whenDecided<T>(evaluate: () => T): Promise<T> {
  // Ends: each time another question is decided, and what questions cost is bounded.
  for (;;) {
    try {
      return evaluate()
    } catch (error) {
      if (!(error instanceof Undecided)) throw error
      await error.ready
    }
  }
}
