import { pods, serviceAccounts } from '../../../shared/api/core.ts'
import { apiVersionOf } from '../../../shared/api/ref.ts'
import { MountFault, reasonOf, type VolumeContext } from './volume-source.ts'

interface Source {
  audience?: string
  expirationSeconds?: number
}

/** authentication.k8s.io/v1 TokenRequest, as far as it is read here. */
interface TokenRequest {
  status: { token: string; expirationTimestamp: string }
}

export interface Token {
  token: string
  /** Milliseconds since the epoch: at 80 % of its life, and after a day at the latest. */
  refreshAt: number
  /** Milliseconds since the epoch. */
  expiresAt: number
}

const day = 86_400_000
/** How soon a token that could not be renewed is asked for again. */
const retry = 60_000

/**
 * A token bound to the pod, by TokenRequest (pkg/kubelet/token/token_manager.go): the one that is `held` until it is to be
 * renewed, and for longer if a new one can't be had. Throws MountFault once it has expired.
 */
export async function tokenFor(source: Source, held: Token | undefined, context: VolumeContext): Promise<Token> {
  const now = context.clock.now()
  if (held && now < held.refreshAt) return held
  try {
    return await request(source, context)
  } catch (error) {
    if (!held) throw new MountFault(`failed to fetch token: ${reasonOf(error)}`)
    if (now >= held.expiresAt) throw new MountFault(`token expired and refresh failed: ${reasonOf(error)}`)
    return { ...held, refreshAt: Math.min(now + retry, held.expiresAt) }
  }
}

async function request(source: Source, { pod, client, clock }: VolumeContext): Promise<Token> {
  const { namespace = '', name, uid } = pod.metadata
  const account = { namespace, name: pod.spec.serviceAccountName ?? 'default' }
  const asked = clock.now()
  const { status } = await client.createSubresource<TokenRequest>(serviceAccounts, account, 'token', {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: {
      audiences: source.audience ? [source.audience] : [],
      expirationSeconds: source.expirationSeconds ?? 3600,
      boundObjectRef: { apiVersion: apiVersionOf(pods), kind: pods.kind, name, uid },
    },
  })
  const expiresAt = Date.parse(status.expirationTimestamp)
  return { token: status.token, expiresAt, refreshAt: asked + Math.min((expiresAt - asked) * 0.8, day) }
}
