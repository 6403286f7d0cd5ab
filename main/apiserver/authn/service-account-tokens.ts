import { createHash, createPrivateKey, createPublicKey, randomUUID, type KeyObject } from 'node:crypto'
import { decodeJwt, decodeProtectedHeader, errors, jwtVerify, SignJWT, type JWTPayload } from 'jose'
import { nodes, pods, secrets, serviceAccounts } from '../../../shared/api/core.ts'
import type { ObjectKey } from '../../../shared/api/object.ts'
import type { ResourceRef } from '../../../shared/api/ref.ts'
import type { Clock } from '../../../shared/machinery/clock.ts'
import { quote } from '../../../shared/machinery/field-errors.ts'
import type { Store } from '../../store/store.ts'
import type { Reviewed, TokenAuthenticator } from '../filters/authenticate.ts'
import { find } from '../registry/find.ts'
import type { UserInfo } from '../request.ts'

/** Upstream's --service-account-issuer on kubeadm clusters; also the audience of tokens that ask for none. */
export const issuer = 'https://kubernetes.default.svc.cluster.local'
/** Of tokens that live in Secrets and have no end of their own. */
const legacyIssuer = 'kubernetes/serviceaccount'
const legacyPrefix = 'kubernetes.io/serviceaccount'
const algorithm = 'RS256'
/** So long after its deletionTimestamp an object that finalizers keep counts as gone (serviceaccount/claims.go). */
const leeway = 60_000
/** Verified tokens that are remembered: a signature check costs more than the rest of a request. */
const cacheLimit = 1000

interface Reference {
  name: string
  /** '' for a node that was not there. */
  uid: string
}

/** The objects whose end is the end of a token; a pod's node is only named. */
export interface BoundObjects {
  pod?: Reference
  secret?: Reference
  node?: Reference
}

interface TokenClaims {
  account: ObjectKey & { uid: string }
  audiences: readonly string[]
  /** Seconds since the epoch. */
  expires: number
  /** From then on a client should have a newer one. */
  warnAfter?: number
  bound?: BoundObjects
}

export interface ServiceAccountTokens extends TokenAuthenticator {
  sign(claims: TokenClaims): Promise<string>
  /** A token for a Secret of type kubernetes.io/service-account-token, which ends with the Secret. */
  signLegacy(account: TokenClaims['account'], secret: string): Promise<string>
  /** GET /openid/v1/jwks: what others need to check our tokens. */
  readonly keys: { keys: readonly object[] }
}

interface KubernetesClaim extends BoundObjects {
  namespace: string
  serviceaccount: Reference
  warnafter?: number
}

/** A token whose signature is good. */
interface Verified {
  claim: KubernetesClaim
  audiences: readonly string[]
  /** Milliseconds since the epoch; Infinity for legacy tokens. */
  expires: number
  /** '' for legacy tokens. */
  id: string
}

const unknown = 'invalid bearer token'
const refusal = (why: string): Reviewed => ({ error: `[${unknown}, ${why}]` })

/**
 * Signs and checks service-account tokens (KEP-1205 bound tokens, and those of Secrets): JWTs for named audiences that end
 * with their account, with the object that they are bound to, or when their time is over.
 */
export function createServiceAccountTokens({
  key,
  store,
  clock,
}: {
  key: string
  store: Store
  clock: Clock
}): ServiceAccountTokens {
  const privateKey = createPrivateKey(key)
  const publicKey = createPublicKey(privateKey)
  const kid = createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64url')
  const cache = new Map<string, Verified>()
  const sign = (claims: SignJWT) => claims.setProtectedHeader({ alg: algorithm, kid }).sign(privateKey)

  const alive = (ref: ResourceRef, namespace: string, { name, uid }: Reference): boolean => {
    const metadata = find(store, ref, { namespace, name })?.metadata
    const { deletionTimestamp } = metadata ?? {}
    const isOver = deletionTimestamp !== undefined && Date.parse(deletionTimestamp) < clock.now() - leeway
    return metadata?.uid === uid && !isOver
  }
  const stillBound = ({ namespace, serviceaccount, pod, secret, node }: KubernetesClaim): boolean =>
    alive(serviceAccounts, namespace, serviceaccount) &&
    (!pod || alive(pods, namespace, pod)) &&
    (!secret || alive(secrets, namespace, secret)) &&
    (!node || Boolean(pod) || alive(nodes, '', node))
  /** A legacy token is good as long as it stands in its Secret. */
  const stillStored = ({ namespace, serviceaccount, secret }: KubernetesClaim, token: string): boolean => {
    const kept = find(store, secrets, { namespace, name: secret?.name ?? '' })?.data?.['token'] ?? ''
    return alive(serviceAccounts, namespace, serviceaccount) && Buffer.from(kept, 'base64').toString() === token
  }

  async function verified(token: string): Promise<Verified | string> {
    const known = cache.get(token)
    if (known) return known.expires > clock.now() ? known : 'service account token has expired'
    const found = await verify(token, publicKey, clock.now())
    if (typeof found === 'string') return found
    cache.set(token, found)
    if (cache.size > cacheLimit) cache.delete(cache.keys().next().value ?? '')
    return found
  }

  async function review(token: string, wanted: readonly string[]): Promise<Reviewed> {
    const found = await verified(token)
    if (typeof found === 'string') return found === '' ? { error: unknown } : refusal(found)
    const targets = wanted.length > 0 ? wanted : [issuer]
    const audiences = targets.filter(audience => found.audiences.includes(audience))
    if (audiences.length === 0) {
      const list = (names: readonly string[]) => `[${names.map(quote).join(' ')}]`
      return refusal(`token audiences ${list(found.audiences)} is invalid for the target audiences ${list(targets)}`)
    }
    const isLegacy = found.id === ''
    const stands = isLegacy ? stillStored(found.claim, token) : stillBound(found.claim)
    return stands ? { user: userOf(found), audiences } : refusal('service account token has been invalidated')
  }

  return {
    keys: { keys: [{ use: 'sig', kid, alg: algorithm, ...publicKey.export({ format: 'jwk' }) }] },
    sign({ account: { namespace, name, uid }, audiences, expires, warnAfter, bound }) {
      const claim: KubernetesClaim = {
        namespace,
        serviceaccount: { name, uid },
        ...bound,
        ...(warnAfter !== undefined && { warnafter: warnAfter }),
      }
      const issued = Math.floor(clock.now() / 1000)
      const claims = new SignJWT({ 'kubernetes.io': claim })
        .setIssuer(issuer)
        .setSubject(usernameOf(claim))
        .setAudience([...audiences])
        .setIssuedAt(issued)
        .setNotBefore(issued)
        .setExpirationTime(expires)
        .setJti(randomUUID())
      return sign(claims)
    },
    signLegacy({ namespace, name, uid }, secret) {
      const claims = {
        [`${legacyPrefix}/namespace`]: namespace,
        [`${legacyPrefix}/secret.name`]: secret,
        [`${legacyPrefix}/service-account.name`]: name,
        [`${legacyPrefix}/service-account.uid`]: uid,
      }
      const subject = usernameOf({ namespace, serviceaccount: { name, uid } })
      return sign(new SignJWT(claims).setIssuer(legacyIssuer).setSubject(subject))
    },
    review,
    async authenticate(token) {
      const found = await review(token, [])
      return 'user' in found ? found.user : undefined
    },
  }
}

/** A token with a good signature, or what is wrong with it; '' if it is none of ours. */
async function verify(token: string, key: KeyObject, now: number): Promise<Verified | string> {
  try {
    if (decodeProtectedHeader(token).alg !== algorithm) return ''
    const { iss } = decodeJwt(token)
    if (iss !== issuer && iss !== legacyIssuer) return ''
    const { payload } = await jwtVerify<Payload>(token, key, {
      algorithms: [algorithm],
      currentDate: new Date(now),
      requiredClaims: iss === issuer ? ['exp', 'sub', 'jti'] : ['sub'],
    })
    const claim = iss === issuer ? payload['kubernetes.io'] : legacyClaim(payload)
    if (!claim || payload.sub !== usernameOf(claim)) return 'sub claim does not match the service account'
    return {
      claim,
      audiences: iss === issuer ? [payload.aud ?? []].flat() : [issuer],
      expires: iss === issuer ? (payload.exp ?? 0) * 1000 : Infinity,
      id: iss === issuer ? (payload.jti ?? '') : '',
    }
  } catch (error) {
    if (error instanceof errors.JWTExpired) return 'service account token has expired'
    if (error instanceof errors.JWSSignatureVerificationFailed)
      return 'go-jose/go-jose: error in cryptographic primitive'
    if (error instanceof errors.JOSEError || error instanceof TypeError) return ''
    throw error
  }
}

type Payload = JWTPayload & { 'kubernetes.io'?: KubernetesClaim }

function legacyClaim(payload: Record<string, unknown>): KubernetesClaim | undefined {
  const [namespace, secret, name, uid] = [
    'namespace',
    'secret.name',
    'service-account.name',
    'service-account.uid',
  ].map(claim => payload[`${legacyPrefix}/${claim}`])
  const texts = [namespace, secret, name, uid]
  if (!texts.every(text => typeof text === 'string')) return undefined
  const [inNamespace = '', secretName = '', account = '', accountUid = ''] = texts
  return {
    namespace: inNamespace,
    serviceaccount: { name: account, uid: accountUid },
    secret: { name: secretName, uid: '' },
  }
}

const usernameOf = ({ namespace, serviceaccount }: KubernetesClaim) =>
  `system:serviceaccount:${namespace}:${serviceaccount.name}`

function userOf({ claim, id }: Verified): UserInfo {
  const { namespace, serviceaccount, pod, node } = claim
  const prefix = 'authentication.kubernetes.io'
  const extra = {
    ...(id && { [`${prefix}/credential-id`]: [`JTI=${id}`] }),
    ...(pod && { [`${prefix}/pod-name`]: [pod.name], [`${prefix}/pod-uid`]: [pod.uid] }),
    ...(node && { [`${prefix}/node-name`]: [node.name] }),
    ...(node?.uid && { [`${prefix}/node-uid`]: [node.uid] }),
  }
  return {
    name: usernameOf(claim),
    uid: serviceaccount.uid,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
    ...(Object.keys(extra).length > 0 && { extra }),
  }
}
