import { StatusError } from '../../status.ts'
import type { Library } from '../functions.ts'
import { EvaluationError, type Opaque, type OpaqueType } from '../value.ts'

/** What may be asked: about a path, or about a resource. */
export interface Check {
  readonly path?: string
  readonly group?: string
  readonly resource?: string
  readonly subresource?: string
  readonly namespace?: string
  readonly name?: string
  readonly fieldSelector?: string
  readonly labelSelector?: string
}

/** Decides for a user; for a service account, too, if one is named. Throws StatusErrors. */
export interface Authorizer {
  authorize(
    check: Check,
    verb: string,
    serviceAccount?: { namespace: string; name: string },
  ): { allowed: boolean; reason: string }
}

interface Asked {
  readonly authorizer: Authorizer
  readonly serviceAccount?: { namespace: string; name: string }
  readonly check: Check
}

interface Decision {
  readonly allowed: boolean
  readonly reason: string
  readonly error: string
}

const never = { equals: () => false }
const named = (name: string): OpaqueType<Asked> => ({ name: `kubernetes.authorization.${name}`, ...never })
const authorizerType = named('Authorizer')
const pathType = named('PathCheck')
const groupType = named('GroupCheck')
const resourceType = named('ResourceCheck')
const decisionType: OpaqueType<Decision> = { name: 'kubernetes.authorization.Decision', ...never }

/** The variable `authorizer`. */
export const authorizerValue = (authorizer: Authorizer): Opaque<Asked> => ({
  kind: 'opaque',
  type: authorizerType,
  value: { authorizer, check: {} },
})

/** The variable `authorizer.requestResource`. */
export const resourceCheckValue = (authorizer: Authorizer, check: Check): Opaque<Asked> => ({
  kind: 'opaque',
  type: resourceType,
  value: { authorizer, check },
})

const narrow = ({ value }: Opaque<Asked>, type: OpaqueType<Asked>, more: Check): Opaque<Asked> => ({
  kind: 'opaque',
  type,
  value: { ...value, check: { ...value.check, ...more } },
})

function some(text: string, what: string): string {
  if (text === '') throw new EvaluationError(`${what} must not be empty`)
  return text
}

function decide({ value }: Opaque<Asked>, verb: string): Opaque<Decision> {
  const { authorizer, check, serviceAccount } = value
  try {
    const decision = authorizer.authorize(check, verb, serviceAccount)
    return { kind: 'opaque', type: decisionType, value: { ...decision, error: '' } }
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    return { kind: 'opaque', type: decisionType, value: { allowed: false, reason: '', error: error.message } }
  }
}

const at = 'kubernetes.authorization.'
const narrowing = (name: keyof Check): Library => ({
  [`${at}ResourceCheck.${name}(string) -> ${at}ResourceCheck`]: (asked: Opaque<Asked>, text: string) =>
    narrow(asked, resourceType, { [name]: text }),
})

/** Questions to the authorizer (apiserver/pkg/cel/library/authz.go). */
export const authorizers: Library = {
  [`${at}Authorizer.path(string) -> ${at}PathCheck`]: (asked: Opaque<Asked>, path: string) =>
    narrow(asked, pathType, { path: some(path, 'path') }),
  [`${at}Authorizer.group(string) -> ${at}GroupCheck`]: (asked: Opaque<Asked>, group: string) =>
    narrow(asked, groupType, { group }),
  [`${at}Authorizer.serviceAccount(string, string) -> ${at}Authorizer`]: (
    { value, ...rest }: Opaque<Asked>,
    namespace: string,
    name: string,
  ) => ({ ...rest, value: { ...value, serviceAccount: { namespace, name } } }),
  [`${at}GroupCheck.resource(string) -> ${at}ResourceCheck`]: (asked: Opaque<Asked>, resource: string) =>
    narrow(asked, resourceType, { resource: some(resource, 'resource') }),
  ...narrowing('subresource'),
  ...narrowing('namespace'),
  ...narrowing('name'),
  ...narrowing('fieldSelector'),
  ...narrowing('labelSelector'),
  [`${at}PathCheck.check(string) -> ${at}Decision`]: decide,
  [`${at}ResourceCheck.check(string) -> ${at}Decision`]: decide,
  [`${at}Decision.allowed() -> bool`]: ({ value }: Opaque<Decision>) => value.allowed,
  [`${at}Decision.reason() -> string`]: ({ value }: Opaque<Decision>) => value.reason,
  [`${at}Decision.errored() -> bool`]: ({ value }: Opaque<Decision>) => value.error !== '',
  [`${at}Decision.error() -> string`]: ({ value }: Opaque<Decision>) => value.error,
}
