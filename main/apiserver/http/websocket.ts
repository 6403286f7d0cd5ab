import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type RawData, type WebSocket } from 'ws'
import { badRequest, failure } from '../../../shared/machinery/status.ts'
import type { Channel, ServerResponse } from '../request.ts'
import { refusalText } from './by-hand.ts'

interface Accepted {
  message: IncomingMessage
  socket: Duplex
  head: Buffer
  response: Extract<ServerResponse, { protocols: readonly string[] }>
}

/** A message is held whole; clients send theirs in pieces of some tens of kilobytes. */
const maxPayload = 4 * 1024 * 1024

/** Whether a client asks for a WebSocket. */
export function isWebSocket({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket'
}

/**
 * Completes a WebSocket handshake; the first offered protocol that the answer names is taken. A client that offers none
 * gets none, one that offers only others is refused.
 */
export function upgrade({ message, socket, head, response }: Accepted): void {
  const offered = message.headers['sec-websocket-protocol']?.split(',').map(name => name.trim()) ?? []
  const protocol = offered.find(name => response.protocols.includes(name)) ?? ''
  if (!isWebSocket(message) || (offered.length > 0 && protocol === '')) {
    const refusal = isWebSocket(message)
      ? failure({
          code: 403,
          reason: 'Forbidden',
          message: `none of the protocols ${offered.join(', ')} is spoken here`,
        })
      : badRequest('this is no WebSocket handshake')
    socket.end(refusalText(refusal))
    return
  }
  // The library does not take Kubernetes' `SPDY/3.1+portforward.k8s.io` for the name of a protocol.
  delete message.headers['sec-websocket-protocol']
  const server = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload })
  server.on('wsClientError', (error, refused) => void refused.end(refusalText(badRequest(error.message))))
  server.on('headers', lines => {
    if (protocol !== '') lines.push(`Sec-WebSocket-Protocol: ${protocol}`)
    for (const [name, value] of Object.entries(response.headers)) lines.push(`${name}: ${value}`)
  })
  server.handleUpgrade(message, socket, head, webSocket => response.serve(channelOf(webSocket, protocol)))
}

function channelOf(webSocket: WebSocket, protocol: string): Channel {
  // A broken connection closes right after: nobody is left to be told.
  webSocket.on('error', () => webSocket.terminate())
  return {
    protocol,
    send: data =>
      new Promise(resolve => {
        if (webSocket.readyState !== webSocket.OPEN) resolve()
        else webSocket.send(data, () => resolve())
      }),
    onMessage: listener => webSocket.on('message', (data: RawData) => listener(bufferOf(data))),
    onClose: listener => webSocket.once('close', listener),
    pause: () => webSocket.pause(),
    resume: () => webSocket.resume(),
    close: () => webSocket.close(1000),
  }
}

function bufferOf(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data)
  return Buffer.isBuffer(data) ? data : Buffer.from(data)
}
