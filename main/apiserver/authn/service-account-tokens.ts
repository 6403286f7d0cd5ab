import { createHash, createPrivateKey, createPublicKey, randomUUID } from 'node:crypto'
import { decodeProtectedHeader, errors, jwtVerify, SignJWT } from 'jose'
import { pods, secrets, serviceAccounts, nodes } from '../../../shared/api/core.ts'
import type { ObjectKey } from '../../../shared/api/object.ts'
import type { ResourceRef } from '../../../shared/api/ref.ts'
import type { Clock } from '../../../shared/machinery/clock.ts'
import type { Store } from '../../store/store.ts'
import type { TokenAuthenticator } from '../filters/authenticate.ts'
import { find } from '../registry/find.ts'
import type { UserInfo } from '../request.ts'

/** Upstream's --service-account-issuer on kubeadm clusters; also the audience of tokens that ask for none. */
export const issuer = 'https://kubernetes.default.svc.cluster.local'
const algorithm = 'RS256'
/** So long after its deletionTimestamp an object that finalizers keep counts as gone (serviceaccount/claims.go). */
const leeway = 60_000
/** Verified tokens that are remembered: a signature check costs more than the rest of a request. */
const cacheLimit = 1000

/** The object whose end is the end of a token. */
export interface BoundObject {
  kind: 'Pod' | 'Secret' | 'Node'
  name: string
  uid: string
}

interface TokenClaims {
  account: ObjectKey & { uid: string }
  audiences: readonly string[]
  /** Seconds since the epoch. */
  expires: number
  bound?: BoundObject
}

export interface ServiceAccountTokens extends TokenAuthenticator {
  sign(claims: TokenClaims): Promise<string>
}

interface Reference {
  name: string
  uid: string
}

interface KubernetesClaim {
  namespace: string
  serviceaccount: Reference
  pod?: Reference
  secret?: Reference
  node?: Reference
}

interface Verified {
  claim: KubernetesClaim
  /** Milliseconds since the epoch. */
  expires: number
  id: string
}

/**
 * Signs and checks service-account tokens (KEP-1205 bound tokens): JWTs for named audiences that end with their account,
 * with the object that they are bound to, or when their time is over.
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

  async function verify(token: string): Promise<Verified | undefined> {
    if (decodeProtectedHeader(token).alg !== algorithm) return undefined
    const { payload } = await jwtVerify<{ 'kubernetes.io'?: KubernetesClaim }>(token, publicKey, {
      issuer,
      audience: issuer,
      algorithms: [algorithm],
      currentDate: new Date(clock.now()),
      requiredClaims: ['exp', 'sub'],
    })
    const claim = payload['kubernetes.io']
    if (!claim || payload.sub !== usernameOf(claim)) return undefined
    return { claim, expires: (payload.exp ?? 0) * 1000, id: payload.jti ?? '' }
  }

  async function remembered(token: string): Promise<Verified | undefined> {
    const known = cache.get(token)
    if (known) return known.expires > clock.now() ? known : undefined
    try {
      const verified = await verify(token)
      if (verified) cache.set(token, verified)
      if (cache.size > cacheLimit) cache.delete(cache.keys().next().value ?? '')
      return verified
    } catch (error) {
      if (error instanceof errors.JOSEError || error instanceof TypeError) return undefined
      throw error
    }
  }

  return {
    async sign({ account, audiences, expires, bound }) {
      const { namespace, name, uid } = account
      const claim: KubernetesClaim = {
        namespace,
        serviceaccount: { name, uid },
        ...(bound && { [bound.kind.toLowerCase()]: { name: bound.name, uid: bound.uid } }),
      }
      const issued = Math.floor(clock.now() / 1000)
      return new SignJWT({ 'kubernetes.io': claim })
        .setProtectedHeader({ alg: algorithm, kid })
        .setIssuer(issuer)
        .setSubject(usernameOf(claim))
        .setAudience([...audiences])
        .setIssuedAt(issued)
        .setNotBefore(issued)
        .setExpirationTime(expires)
        .setJti(randomUUID())
        .sign(privateKey)
    },
    async authenticate(token) {
      const verified = await remembered(token)
      return verified && stillBound(verified.claim) ? userOf(verified) : undefined
    },
  }
}

const usernameOf = ({ namespace, serviceaccount }: KubernetesClaim) =>
  `system:serviceaccount:${namespace}:${serviceaccount.name}`

function userOf({ claim, id }: Verified): UserInfo {
  const { namespace, serviceaccount, pod, node } = claim
  const prefix = 'authentication.kubernetes.io'
  return {
    name: usernameOf(claim),
    uid: serviceaccount.uid,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
    extra: {
      [`${prefix}/credential-id`]: [`JTI=${id}`],
      ...(pod && { [`${prefix}/pod-name`]: [pod.name], [`${prefix}/pod-uid`]: [pod.uid] }),
      ...(node && { [`${prefix}/node-name`]: [node.name], [`${prefix}/node-uid`]: [node.uid] }),
    },
  }
}
