import type { KubeObject, ObjectKey, StatusCause } from '../../../shared/api/object.ts'
import { nodes, pods, secrets, serviceAccounts, type Pod } from '../../../shared/api/core.ts'
import { toTime } from '../../../shared/machinery/clock.ts'
import { invalid as invalidValue, quote } from '../../../shared/machinery/field-errors.ts'
import { badRequest, conflict, invalid, notFound } from '../../../shared/machinery/status.ts'
import { issuer, type BoundObjects, type ServiceAccountTokens } from '../authn/service-account-tokens.ts'
import { answerValue } from '../codec/answer.ts'
import { readDecoded } from '../codec/body.ts'
import { asTyped } from '../codec/decode-object.ts'
import { subjectOf } from '../registry/core.ts'
import { find } from '../registry/find.ts'
import { isDryRun, type ResourceCall } from '../verbs/resource-call.ts'
import { admitPosted } from './admit.ts'
import type { Subresource } from './subresource.ts'

/** authentication/v1 TokenRequest. */
interface TokenRequest {
  metadata?: { name?: string; namespace?: string; uid?: string } | null
  spec?: TokenRequestSpec | null
}

interface TokenRequestSpec {
  audiences?: string[]
  /** At least ten minutes. */
  expirationSeconds?: number
  boundObjectRef?: { kind?: string; apiVersion?: string; name?: string; uid?: string } | null
}

const defaultSeconds = 3600
const minSeconds = 600
const maxSeconds = 2 ** 32
/** What pods ask for by default; their tokens live longer, for programs that read them once (plugin/pkg/admission/serviceaccount). */
const podSeconds = 3607
const extendedSeconds = 365 * 24 * 60 * 60
const group = 'authentication.k8s.io'
const kind = 'TokenRequest'

/** `serviceaccounts/token`: a new token for an account, never stored (registry/core/serviceaccount/storage/token.go). */
export function tokenSubresource(tokens: ServiceAccountTokens): Subresource {
  return {
    name: 'token',
    kind,
    group,
    version: 'v1',
    verbs: {
      async create(call) {
        const { core, resource, namespace, name, context } = call
        const { request } = context
        isDryRun(request.query.getAll('dryRun'))
        const decoded = await readDecoded(request, { strict: false })
        const body: TokenRequest = asTyped('io.k8s.api.authentication.v1.TokenRequest', decoded?.value)
        const metadata = body.metadata ?? {}
        checkPlace(metadata, call)
        const account = find(core.store, serviceAccounts, call)
        if (!account) throw notFound(subjectOf(resource, name))
        const { uid } = account.metadata
        checkUid(metadata.uid, { name, uid })
        const object = {
          ...body,
          apiVersion: `${group}/v1`,
          kind,
          metadata: { ...metadata, name, namespace },
        } as KubeObject & TokenRequest
        await admitPosted(call, { object, kind: { group, version: 'v1', kind } })
        const spec = checked(object.spec ?? {})
        const bound = boundObjects(call, spec)
        const now = Math.floor(core.clock.now() / 1000)
        const expires = now + spec.expirationSeconds
        const isExtended =
          bound.pod && spec.expirationSeconds === podSeconds && spec.audiences.every(audience => audience === issuer)
        const token = await tokens.sign({
          account: { namespace, name, uid },
          audiences: spec.audiences,
          bound,
          ...(isExtended ? { expires: now + extendedSeconds, warnAfter: expires } : { expires }),
        })
        return answerValue(request, 201, {
          kind,
          apiVersion: `${group}/v1`,
          metadata: { name, namespace, uid, creationTimestamp: toTime(core.clock.now()) },
          spec: { ...spec, boundObjectRef: spec.boundObjectRef ?? null },
          status: { token, expirationTimestamp: toTime(expires * 1000) },
        })
      },
    },
  }
}

/** What a client names must be what the URL names. */
function checkPlace({ name, namespace }: NonNullable<TokenRequest['metadata']>, at: ObjectKey): void {
  if (namespace && namespace !== at.namespace)
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
  if (!name || name === at.name) return
  const causes = [invalidValue('metadata.name', name, 'must match the service account name if specified')]
  throw invalid({ group, kind, name: at.name }, causes)
}

function checkUid(asked: string | undefined, { name, uid }: { name: string; uid: string }): void {
  if (!asked || asked === uid) return
  const why = `the UID in the token request (${asked}) does not match the UID of the service account (${uid})`
  throw conflict({ group, resource: kind, name }, why)
}

function checked({ expirationSeconds = defaultSeconds, audiences = [], boundObjectRef }: TokenRequestSpec) {
  const causes: StatusCause[] = []
  const field = 'spec.expirationSeconds'
  if (expirationSeconds < minSeconds)
    causes.push(invalidValue(field, expirationSeconds, 'may not specify a duration less than 10 minutes'))
  if (expirationSeconds > maxSeconds)
    causes.push(invalidValue(field, expirationSeconds, 'may not specify a duration larger than 2^32 seconds'))
  if (causes.length > 0) throw invalid({ group, kind, name: '' }, causes)
  return { audiences: audiences.length > 0 ? audiences : [issuer], expirationSeconds, boundObjectRef }
}

/** The object a token shall be bound to, which must exist and be the one that is meant; with a pod, its node. */
function boundObjects(
  { core, namespace, name: account }: ResourceCall,
  { boundObjectRef: wanted }: TokenRequestSpec,
): BoundObjects {
  if (!wanted) return {}
  const { name = '', apiVersion = '' } = wanted
  const version = apiVersion.includes('/') ? apiVersion : `/${apiVersion}`
  const ref = version.startsWith('/') ? [pods, secrets, nodes].find(known => known.kind === wanted.kind) : undefined
  if (!ref) {
    const type = `${version}, Kind=${wanted.kind ?? ''}`
    throw badRequest(`cannot bind token to object of type ${type}`)
  }
  const object = find<KubeObject>(core.store, ref, { namespace, name })
  if (!object) throw notFound({ group: ref.group, resource: ref.resource, name })
  const bound = { name, uid: object.metadata.uid }
  const pod = ref === pods ? (object as Pod) : undefined
  if (pod && pod.spec.serviceAccountName !== account) {
    const to = 'to pod running with different serviceaccount name.'
    throw badRequest(`cannot bind token for serviceaccount ${quote(account)} ${to}`)
  }
  if (wanted.uid && wanted.uid !== bound.uid) {
    const why = `the UID in the bound object reference (${wanted.uid}) does not match the UID in record. The object might have been deleted and then recreated`
    throw conflict({ group: '', resource: ref.kind, name }, why)
  }
  if (ref === secrets) return { secret: bound }
  if (!pod) return { node: bound }
  const { nodeName = '' } = pod.spec
  const node = find(core.store, nodes, { namespace: '', name: nodeName })
  return { pod: bound, ...(nodeName && { node: { name: nodeName, uid: node?.metadata.uid ?? '' } }) }
}
