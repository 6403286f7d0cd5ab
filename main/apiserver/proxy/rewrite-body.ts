import type { Readable } from 'node:stream'
import { promisify } from 'node:util'
import * as zlib from 'node:zlib'
import type { Headers } from '../request.ts'
import { rewriteHtml } from './rewrite-links.ts'

/** What is larger is passed on as it is: pages are small, and a page must be held whole. */
const limit = 16 * 2 ** 20

type Coding = (bytes: Buffer) => Promise<Buffer>
const bound = { maxOutputLength: limit }
const codings: Partial<Record<string, { decode: Coding; encode: Coding }>> = {
  '': { decode: bytes => Promise.resolve(bytes), encode: bytes => Promise.resolve(bytes) },
  gzip: { decode: bytes => promisify(zlib.gunzip)(bytes, bound), encode: bytes => promisify(zlib.gzip)(bytes) },
  // Go's flate, which upstream takes for deflate, knows no header.
  deflate: {
    decode: bytes => promisify(zlib.inflateRaw)(bytes, bound),
    encode: bytes => promisify(zlib.deflateRaw)(bytes),
  },
}

/** An HTML body with its links rewritten, which may change its length. Codings that are not known are left alone. */
export async function rewritten(
  body: Readable,
  headers: Headers,
  rewrite: (link: string) => string,
): Promise<AsyncIterable<Uint8Array>> {
  const coding = codings[headers['content-encoding'] ?? '']
  if (!coding) return body
  const iterator = body[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  const chunks: Buffer[] = []
  let size = 0
  for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
    chunks.push(next.value)
    size += next.value.length
    if (size > limit) return rest(chunks, iterator)
  }
  const bytes = Buffer.concat(chunks)
  delete headers['content-length']
  return one(await rewrittenBytes(bytes, coding, rewrite))
}

/** Bytes that are not what the header says are passed on untouched. */
async function rewrittenBytes(
  bytes: Buffer,
  { decode, encode }: { decode: Coding; encode: Coding },
  rewrite: (link: string) => string,
): Promise<Buffer> {
  try {
    // Latin-1 keeps every byte: links are ASCII.
    const text = (await decode(bytes)).toString('latin1')
    return await encode(Buffer.from(rewriteHtml(text, rewrite), 'latin1'))
  } catch {
    return bytes
  }
}

async function* one(bytes: Buffer): AsyncIterable<Uint8Array> {
  if (bytes.length > 0) yield bytes
}

async function* rest(chunks: readonly Buffer[], iterator: AsyncIterator<Buffer>): AsyncIterable<Uint8Array> {
  try {
    yield* chunks
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value
  } finally {
    await iterator.return?.()
  }
}
