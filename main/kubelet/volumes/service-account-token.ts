import { pods, serviceAccounts } from '../../../shared/api/core.ts'
import { apiVersionOf } from '../../../shared/api/ref.ts'
import type { VolumeContext } from './volume-source.ts'

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
}

const day = 86_400_000

/** A token bound to the pod, by TokenRequest (pkg/kubelet/token/token_manager.go). Cached by the caller until `refreshAt`. */
export async function requestToken(source: Source, { pod, client, clock }: VolumeContext): Promise<Token> {
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
  const life = Date.parse(status.expirationTimestamp) - asked
  return { token: status.token, refreshAt: asked + Math.min(life * 0.8, day) }
}
