import { createServer, type IncomingMessage, type Server, type ServerResponse as NodeResponse } from 'node:http'
import { Socket } from 'node:net'
import type { Duplex, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { failure } from '../../../shared/machinery/status.ts'
import type { ServerRequest } from '../request.ts'
import { headText, refusalText } from './by-hand.ts'
import { sizeOf } from './encode.ts'
import { refuseMalformed, type UnderWay } from './malformed.ts'
import type { Peer } from './peer.ts'
import { readBody } from './read-body.ts'
import { respond } from './respond.ts'
import { noQuery, splitTarget, type Serve } from './target.ts'
import { isWebSocket, upgrade } from './websocket.ts'
import { watchOverWebSocket } from './websocket-watch.ts'

/** Go's limit, so upstream's: Node's own 16 KiB would refuse label selectors that are generated. */
const maxHeaderSize = 2 ** 20
/** Idle connections are kept as long as upstream keeps them. */
const keepAliveTimeout = 90_000

/** The kubelet's streaming-connection-idle-timeout; clients that are there send pings. */
const streamIdleTimeout = 4 * 3600_000

/** How long the head of a request may take, and the whole of it: bodies are small, and an answer may take as long as it likes. */
const patience = { headersTimeout: 32_000, requestTimeout: 120_000 }

interface Options {
  serve: Serve
  peer: (socket: object) => Peer
  /** Milliseconds; default: upstream's ReadHeaderTimeout (apiserver/pkg/server/secure_serving.go). */
  timeouts?: { headersTimeout: number; requestTimeout: number; connectionsCheckingInterval?: number }
}

/** Serves HTTP/1.1, WebSocket upgrades included, on connections that are handed to it. */
export function createHttp1({ serve, peer, timeouts = patience }: Options): Server {
  const underWay = new WeakMap<object, UnderWay>()
  const options = { keepAliveTimeout, maxHeaderSize, shouldUpgradeCallback: hasNoBody, ...timeouts }
  const server = createServer(options, (message, response) => {
    underWay.set(message.socket, { message, response })
    void answer(
      message,
      response,
      requestOf(message, { peer: peer(message.socket), until: response, isUpgrade: false }),
      serve,
    )
  })
  server.on('upgrade', (message, socket, head) => {
    socket.on('error', () => socket.destroy())
    if (socket instanceof Socket) socket.setTimeout(streamIdleTimeout, () => socket.destroy())
    void switchProtocols({
      message,
      socket,
      head,
      request: requestOf(message, { peer: peer(socket), until: socket, isUpgrade: true }),
      serve,
    })
  })
  server.on('clientError', (error, socket) => refuseMalformed(error, socket, underWay.get(socket)))
  server.on('connect', (_, socket) => {
    socket.on('error', () => socket.destroy())
    socket.end(refusalText(failure({ code: 405, reason: 'MethodNotAllowed', message: 'this server is no proxy' })))
  })
  // Their size is limited; an impersonator has a header for each of its groups.
  server.maxHeadersCount = 0
  // It does not listen itself, and Node looks for slow clients only where a server listens.
  server.emit('listening')
  return server
}

async function answer(message: IncomingMessage, to: NodeResponse, request: ServerRequest, serve: Serve): Promise<void> {
  to.on('error', () => message.destroy())
  const response = await serve(request)
  await respond(request, response, {
    stream: to,
    head: (status, headers) => to.writeHead(status, headers).flushHeaders(),
  }).catch(() => message.destroy())
}

interface Upgrade {
  message: IncomingMessage
  socket: Duplex
  head: Buffer
  request: ServerRequest
  serve: Serve
}

async function switchProtocols({ message, socket, head, request, serve }: Upgrade): Promise<void> {
  const answer = await serve(request)
  const response = 'watch' in answer && isWebSocket(message) ? watchOverWebSocket(answer, message.headers) : answer
  if ('protocols' in response) {
    upgrade({ message, socket, head, response })
    return
  }
  if ('tunnel' in response) {
    socket.write(headText(response))
    if (head.length > 0) socket.unshift(head)
    response.tunnel(socket)
    return
  }
  // Refused: the parser has let go of the connection, so the answer is written by hand and the connection ends.
  const headers = { ...response.headers, connection: 'close' }
  if ('stream' in response) {
    socket.write(headText({ status: response.status, headers }))
    await pipeline(response.stream, socket).catch(() => socket.destroy())
    return
  }
  const chunks = 'body' in response ? response.body.chunks() : []
  const length = { 'content-length': String(sizeOf(chunks)) }
  socket.write(headText({ status: response.status, headers: { ...headers, ...length } }))
  socket.end(Buffer.concat(chunks))
}

/** Node reads chunks whatever else they are said to be encoded in. */
async function bodyOf(message: IncomingMessage, limit: number): Promise<Buffer> {
  const { 'transfer-encoding': encoding = 'chunked', 'content-length': length } = message.headers
  if (encoding.toLowerCase() !== 'chunked')
    throw failure({ code: 501, reason: '', message: `the transfer encoding ${encoding} is not supported` })
  return readBody(message, length, limit)
}

/** What comes with a body is answered as if it asked for no other protocol: Node would take the body for the other protocol's. */
function hasNoBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] === undefined && (headers['content-length'] ?? '0') === '0'
}

interface Carried {
  peer: Peer
  /** Closes when nobody waits for the answer any more: a connection outlives its requests. */
  until: Writable
  isUpgrade: boolean
}

function requestOf(message: IncomingMessage, { peer, until, isUpgrade }: Carried): ServerRequest {
  const { path, search } = splitTarget(message.url ?? '/')
  let controller: AbortController | undefined
  return {
    method: message.method ?? 'GET',
    path,
    query: search === '' ? noQuery : new URLSearchParams(search),
    search,
    headers: message.headers,
    rawHeaders: message.rawHeaders,
    user: peer.user,
    untrusted: peer.untrusted ?? false,
    remoteAddress: peer.address,
    body: { read: limit => bodyOf(message, limit), stream: message },
    upgrade: isUpgrade,
    get signal() {
      if (!controller) {
        const made = (controller = new AbortController())
        if (until.destroyed) made.abort()
        else until.once('close', () => made.abort())
      }
      return controller.signal
    },
  }
}
