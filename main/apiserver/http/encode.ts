import { pipeline, Readable } from 'node:stream'
import { constants, createGzip } from 'node:zlib'
import type { Body, Headers, ServerRequest } from '../request.ts'
import { headerOf } from '../request.ts'

/** Smaller answers are not worth the time (apiserver/pkg/endpoints/handlers/responsewriters, defaultGzipThresholdBytes). */
const gzipThreshold = 128 * 1024

/** Bytes of all chunks together. */
export function sizeOf(chunks: readonly Uint8Array[]): number {
  let size = 0
  for (const chunk of chunks) size += chunk.byteLength
  return size
}

/** What goes over the wire: chunks as they are, or to be compressed on their way. */
export interface Encoded {
  readonly chunks: Iterable<Uint8Array>
  readonly gzip: boolean
}

/** Decides how a body is sent, and says so in the headers: large ones are compressed for clients that accept it. */
export function encode(request: ServerRequest, headers: Headers, body: Body): Encoded {
  const { size, chunks } = body.pieces?.() ?? whole(body.chunks())
  const gzip = (size === undefined || size > gzipThreshold) && acceptsGzip(request)
  if (gzip) {
    headers['content-encoding'] = 'gzip'
    headers['vary'] = 'Accept-Encoding'
  } else if (size !== undefined) headers['content-length'] = String(size)
  return { chunks, gzip }
}

const whole = (chunks: readonly Uint8Array[]) => ({ size: sizeOf(chunks), chunks })

/** At level 1, as upstream, and off the event loop. Whoever reads it ends it, or gets its error. */
export function compressed(chunks: Iterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const gzip = createGzip({ level: constants.Z_BEST_SPEED, chunkSize: 64 * 1024 })
  return pipeline(Readable.from(chunks), gzip, () => undefined) as AsyncIterable<Uint8Array>
}

function acceptsGzip(request: ServerRequest): boolean {
  return headerOf(request, 'accept-encoding')
    .split(',')
    .some(term => /^gzip\s*(;(?!\s*q=0(\.0*)?$).*)?$/.test(term.trim()))
}
