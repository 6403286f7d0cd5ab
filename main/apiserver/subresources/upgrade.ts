import type { Duplex } from 'node:stream'
import { headerOf, valueBody, type ServerRequest, type ServerResponse } from '../request.ts'

const header = 'x-stream-protocol-version'

/** Whether the client asks for SPDY/3.1 on this connection. */
export function asksForSpdy(request: ServerRequest): boolean {
  return request.upgrade && headerOf(request, 'upgrade').toLowerCase().includes('spdy/3.1')
}

/** Whether a request wants its connection to become a WebSocket. */
export function asksForWebSocket(request: ServerRequest): boolean {
  return request.upgrade && headerOf(request, 'upgrade').toLowerCase() === 'websocket'
}

/**
 * Switches to SPDY with the first of the client's protocols that is known; what is wrong with them is said in plain text,
 * as upstream's (k8s.io/streaming, httpstream.Handshake).
 */
export function spdyUpgrade(
  request: ServerRequest,
  known: readonly string[],
  serve: (connection: Duplex, protocol: string) => void,
): ServerResponse {
  const given = [request.headers[header] ?? []].flat()
  if (given.length === 0) {
    const count = Object.keys(request.headers).length
    return refusal(400, `header X-Stream-Protocol-Version does not exist in request with ${count} headers`)
  }
  const asked = given
    .flatMap(value => value.split(','))
    .map(name => name.trim())
    .filter(name => name !== '')
  if (asked.length === 0) {
    return refusal(400, `header X-Stream-Protocol-Version contains [${given.join(' ')}], but no valid protocols`)
  }
  const protocol = asked.find(name => known.includes(name))
  if (protocol === undefined) {
    const why = `unable to negotiate protocol: client supports [${asked.join(' ')}], server accepts [${known.join(' ')}]`
    return refusal(403, why, { 'x-accepted-stream-protocol-versions': known.join(', ') })
  }
  return {
    status: 101,
    headers: { connection: 'Upgrade', upgrade: 'SPDY/3.1', [header]: protocol },
    tunnel: connection => serve(connection, protocol),
  }
}

function refusal(status: number, why: string, headers: Record<string, string> = {}): ServerResponse {
  const text = `unable to upgrade: ${why}\n`
  return {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff', ...headers },
    body: { ...valueBody(text), chunks: () => [Buffer.from(text)] },
  }
}
