import { performServerHandshake, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import type { ServerRequest } from '../request.ts'
import type { Peer } from './peer.ts'
import { readBody } from './read-body.ts'
import { respond } from './respond.ts'
import { noQuery, splitTarget, type Serve } from './target.ts'

/** As upstream's secure serving: this many streams to a connection, then clients open another. */
const settings = { maxConcurrentStreams: 100, initialWindowSize: 1 << 20, maxHeaderListSize: 1 << 20 }

/** As many headers as their size allows: an impersonator has one for each of its groups, and Node would take 128. */
const maxHeaderListPairs = 2 ** 16

/** A connection without streams is kept as long as upstream keeps it. */
const patience = 90_000

interface Options {
  peer: Peer
  serve: Serve
  /** Milliseconds. */
  idleTimeout?: number
}

/** Serves HTTP/2 on a connection whose TLS handshake agreed on it. */
export function serveHttp2(socket: Socket, { peer, serve, idleTimeout = patience }: Options): void {
  const session = performServerHandshake(socket, { settings, maxHeaderListPairs })
  let streams = 0
  session.on('error', () => session.destroy())
  // A quiet watch is not idle. When its stream closes there is traffic, and the time begins again.
  session.setTimeout(idleTimeout, () => {
    if (streams === 0) session.close()
  })
  session.on('stream', (stream, headers, _flags, rawHeaders) => {
    // A client that goes away mid-answer is no fault of the server.
    stream.on('error', () => stream.destroy())
    streams++
    stream.once('close', () => streams--)
    void answer(stream, requestOf(stream, { headers, rawHeaders, peer }), serve)
  })
}

async function answer(stream: ServerHttp2Stream, request: ServerRequest, serve: Serve): Promise<void> {
  const response = await serve(request)
  await respond(request, response, {
    stream,
    head(status, fields) {
      stream.respond(rawHead(status, fields))
    },
  }).catch(() => stream.destroy())
}

/** As a list Node takes it as it is: an object it would copy twice. */
function rawHead(status: number, fields: Record<string, string | string[]>): string[] {
  const raw = [':status', String(status)]
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === 'string') raw.push(name, value)
    else for (const each of value) raw.push(name, each)
  }
  return raw
}

interface Carried {
  headers: IncomingHttpHeaders
  rawHeaders: readonly string[]
  peer: Peer
}

function requestOf(stream: ServerHttp2Stream, { headers, rawHeaders, peer }: Carried): ServerRequest {
  const { path, search } = splitTarget(headers[':path'] ?? '/')
  let controller: AbortController | undefined
  return {
    method: headers[':method'] ?? 'GET',
    path,
    query: search === '' ? noQuery : new URLSearchParams(search),
    search,
    headers,
    rawHeaders,
    user: peer.user,
    untrusted: peer.untrusted ?? false,
    remoteAddress: peer.address,
    body: { read: limit => readBody(stream, headers['content-length'], limit), stream },
    upgrade: false,
    // Made on demand: most requests are answered before anyone could ask.
    get signal() {
      if (!controller) {
        const made = (controller = new AbortController())
        if (stream.destroyed) made.abort()
        else stream.once('close', () => made.abort())
      }
      return controller.signal
    },
  }
}
