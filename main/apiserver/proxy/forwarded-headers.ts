import type { IncomingHttpHeaders } from 'node:http'

/** About one connection only (RFC 9110, 7.6.1; net/http/httputil/reverseproxy.go). */
const hopByHop = new Set([
  'connection',
  'proxy-connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
])

/** What has told this server who asks is none of the other side's business (filters/authentication.go, impersonation.go). */
const isIdentity = (name: string) =>
  name === 'authorization' || name.startsWith('impersonate-') || name.startsWith('x-remote-')

const bearerProtocol = 'base64url.bearer.authorization.k8s.io.'

/** A request's headers for the next hop. */
export function requestHeaders(headers: IncomingHttpHeaders, { upgrade }: { upgrade: boolean }): IncomingHttpHeaders {
  const named = namedIn(headers.connection)
  const out: IncomingHttpHeaders = {}
  for (const [name, value] of Object.entries(headers)) {
    const local = hopByHop.has(name) || named.includes(name) || isIdentity(name)
    if (local || name.startsWith(':') || name === 'expect') continue
    out[name] = value
  }
  const authority = headers[':authority']
  if (typeof authority === 'string') out.host ??= authority
  if (headers['transfer-encoding'] !== undefined) out['transfer-encoding'] = 'chunked'
  if (!upgrade) return out
  out.connection = 'Upgrade'
  out.upgrade = headers.upgrade
  const protocols = headers['sec-websocket-protocol']?.split(',').map(protocol => protocol.trim())
  const others = protocols?.filter(protocol => !protocol.startsWith(bearerProtocol))
  if (others) out['sec-websocket-protocol'] = others.join(', ')
  return out
}

/** An answer's headers for the client, but for cookies. */
export function answerHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const named = namedIn(headers.connection)
  const out: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (name === 'set-cookie' || value === undefined || hopByHop.has(name) || named.includes(name)) continue
    out[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return out
}

function namedIn(connection: string | undefined): string[] {
  return (connection ?? '').split(',').map(name => name.trim().toLowerCase())
}
