import { promisify } from 'node:util'
import { constants, gzip } from 'node:zlib'
import type { Body, Headers, ServerRequest } from '../request.ts'
import { headerOf } from '../request.ts'

const deflate = promisify(gzip)
/** Smaller answers are not worth the time (apiserver/pkg/endpoints/handlers/responsewriters, defaultGzipThresholdBytes). */
const gzipThreshold = 128 * 1024

export function sizeOf(chunks: readonly Uint8Array[]): number {
  let size = 0
  for (const chunk of chunks) size += chunk.byteLength
  return size
}

/** The chunks to send; compresses large ones at level 1 for clients that accept it, off the event loop. */
export function encode(
  request: ServerRequest,
  headers: Headers,
  body: Body,
): readonly Uint8Array[] | Promise<Uint8Array[]> {
  const chunks = body.chunks()
  const size = sizeOf(chunks)
  if (size > gzipThreshold && acceptsGzip(request)) {
    headers['content-encoding'] = 'gzip'
    headers['vary'] = 'Accept-Encoding'
    return deflate(Buffer.concat(chunks, size), { level: constants.Z_BEST_SPEED }).then(bytes => {
      headers['content-length'] = String(bytes.byteLength)
      return [bytes]
    })
  }
  headers['content-length'] = String(size)
  return chunks
}

function acceptsGzip(request: ServerRequest): boolean {
  return headerOf(request, 'accept-encoding')
    .split(',')
    .some(term => /^gzip\s*(;(?!\s*q=0(\.0*)?$).*)?$/.test(term.trim()))
}
