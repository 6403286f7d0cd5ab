import type { StatusCause } from '../../../shared/api/object.ts'
import { nodes, pods, secrets, serviceAccounts, type Pod } from '../../../shared/api/core.ts'
import type { ResourceRef } from '../../../shared/api/ref.ts'
import { toTime } from '../../../shared/machinery/clock.ts'
import { invalid as invalidValue, quote } from '../../../shared/machinery/field-errors.ts'
import { badRequest, conflict, invalid, notFound } from '../../../shared/machinery/status.ts'
import { issuer, type BoundObject, type ServiceAccountTokens } from '../authn/service-account-tokens.ts'
import { answerValue } from '../codec/answer.ts'
import { readDecoded } from '../codec/body.ts'
import { asTyped } from '../codec/decode-object.ts'
import { subjectOf } from '../registry/core.ts'
import { find } from '../registry/find.ts'
import type { ResourceCall } from '../verbs/resource-call.ts'
import type { Subresource } from './subresource.ts'

/** authentication/v1 TokenRequestSpec. */
interface TokenRequestSpec {
  audiences?: string[]
  /** At least ten minutes. */
  expirationSeconds?: number
  boundObjectRef?: { kind?: string; apiVersion?: string; name?: string; uid?: string } | null
}

const defaultSeconds = 3600
const minSeconds = 600
const maxSeconds = 2 ** 32
const boundKinds: Record<BoundObject['kind'], ResourceRef> = { Pod: pods, Secret: secrets, Node: nodes }

/** `serviceaccounts/token`: a new token for an account, never stored (registry/core/serviceaccount/storage/token.go). */
export function tokenSubresource(tokens: ServiceAccountTokens): Subresource {
  return {
    name: 'token',
    kind: 'TokenRequest',
    group: 'authentication.k8s.io',
    version: 'v1',
    verbs: {
      async create(call) {
        const { core, resource, namespace, name, context } = call
        const account = find(core.store, serviceAccounts, call)
        if (!account) throw notFound(subjectOf(resource, name))
        const decoded = await readDecoded(context.request, { strict: false })
        const body = asTyped('io.k8s.api.authentication.v1.TokenRequest', decoded?.value)
        const spec = checked(body.spec ?? {}, name)
        const bound = boundObject(call, spec)
        const seconds = spec.expirationSeconds
        const expires = Math.floor(core.clock.now() / 1000) + seconds
        const { uid } = account.metadata
        const token = await tokens.sign({
          account: { namespace, name, uid },
          audiences: spec.audiences,
          expires,
          ...(bound && { bound }),
        })
        return answerValue(context.request, 201, {
          kind: 'TokenRequest',
          apiVersion: 'authentication.k8s.io/v1',
          metadata: { name, namespace, creationTimestamp: toTime(core.clock.now()) },
          spec: { audiences: spec.audiences, expirationSeconds: seconds, boundObjectRef: spec.boundObjectRef ?? null },
          status: { token, expirationTimestamp: toTime(expires * 1000) },
        })
      },
    },
  }
}

function checked(spec: TokenRequestSpec, name: string) {
  const { expirationSeconds = defaultSeconds, audiences = [] } = spec
  const causes: StatusCause[] = []
  const field = 'spec.expirationSeconds'
  if (expirationSeconds < minSeconds)
    causes.push(invalidValue(field, expirationSeconds, 'may not specify a duration less than 10 minutes'))
  if (expirationSeconds > maxSeconds)
    causes.push(invalidValue(field, expirationSeconds, 'may not specify a duration larger than 2^32 seconds'))
  if (causes.length > 0) throw invalid({ group: 'authentication.k8s.io', kind: 'TokenRequest', name }, causes)
  return { ...spec, expirationSeconds, audiences: audiences.length > 0 ? audiences : [issuer] }
}

/** The object a token shall be bound to, which must exist and be the one that is meant. */
function boundObject(
  { core, namespace, name: account }: ResourceCall,
  { boundObjectRef: wanted }: TokenRequestSpec,
): BoundObject | undefined {
  if (!wanted) return undefined
  const kind = Object.keys(boundKinds).find(name => name === wanted.kind) as BoundObject['kind'] | undefined
  if (!kind || wanted.apiVersion !== 'v1')
    throw badRequest(
      `cannot bind token for serviceaccount to object of type ${wanted.apiVersion ?? ''}, Kind=${wanted.kind ?? ''}`,
    )
  const ref = boundKinds[kind]
  const name = wanted.name ?? ''
  const subject = { group: ref.group, resource: ref.resource, name }
  const object = find(core.store, ref, { namespace, name })
  if (!object) throw notFound(subject)
  const { uid } = object.metadata
  if (wanted.uid && wanted.uid !== uid) {
    throw conflict(
      subject,
      `the UID in the bound object reference (${wanted.uid}) does not match the UID in record. The object might have been deleted and then recreated`,
    )
  }
  if (kind === 'Pod' && (object as Pod).spec.serviceAccountName !== account) {
    const to = 'to pod running with different serviceaccount name.'
    throw badRequest(`cannot bind token for serviceaccount ${quote(account)} ${to}`)
  }
  return { kind, name, uid }
}
