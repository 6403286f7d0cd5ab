import { unauthorized } from '../../../shared/machinery/status.ts'
import { headerOf, type ServerRequest, type UserInfo } from '../request.ts'

/** Whose a token is and which of the audiences asked for it is meant for, or why it is no good, in upstream's words. */
export type Reviewed = { user: UserInfo; audiences: readonly string[] } | { error: string }

export interface TokenAuthenticator {
  /** The user of a bearer token for the API server; undefined if the token is good for nothing. */
  authenticate(token: string): Promise<UserInfo | undefined>
  /** No audiences: those of the API server. */
  review(token: string, audiences: readonly string[]): Promise<Reviewed>
}

const anonymous: UserInfo = { name: 'system:anonymous', groups: ['system:unauthenticated'] }

/**
 * Who asks: the carrier's word (a client certificate, a component in process), else a bearer token, else anonymous.
 * Credentials that are shown and no good are a 401.
 */
export function authenticate(request: ServerRequest, tokens: TokenAuthenticator): UserInfo | Promise<UserInfo> {
  if (request.user) return request.user
  const token = bearerToken(request)
  if (token !== undefined) return byToken(token, tokens)
  if (request.untrusted) throw unauthorized()
  return anonymous
}

async function byToken(token: string, tokens: TokenAuthenticator): Promise<UserInfo> {
  const user = await tokens.authenticate(token)
  if (!user) throw unauthorized()
  return user
}

const protocolPrefix = 'base64url.bearer.authorization.k8s.io.'

/** From the Authorization header or, since browsers can't set it, a WebSocket subprotocol (apiserver/pkg/authentication/request/websocket). */
function bearerToken(request: ServerRequest): string | undefined {
  const found = /^bearer +(\S+)\s*$/i.exec(headerOf(request, 'authorization'))
  if (found) return found[1]
  if (!request.upgrade) return undefined
  const offered = headerOf(request, 'sec-websocket-protocol')
    .split(',')
    .map(name => name.trim())
  const carrier = offered.find(name => name.startsWith(protocolPrefix))
  return carrier && Buffer.from(carrier.slice(protocolPrefix.length), 'base64url').toString('utf8')
}
