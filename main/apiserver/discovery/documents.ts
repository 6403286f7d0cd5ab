import { createHash } from 'node:crypto'
import { headerOf, type Body, type RequestContext, type ServerResponse } from '../request.ts'

/** A document that changes only when the kinds do: its bytes and a tag for If-None-Match. */
export interface Document {
  readonly body: Body
  readonly etag: string
}

/** Makes documents on first use and keeps them until `generation` changes. */
export function createDocuments(generation: () => number) {
  const kept = new Map<string, Document>()
  let madeAt = generation()
  return (name: string, make: () => unknown): Document => {
    if (madeAt !== generation()) {
      kept.clear()
      madeAt = generation()
    }
    let document = kept.get(name)
    if (!document) {
      document = documentOf(make())
      kept.set(name, document)
    }
    return document
  }
}

function documentOf(value: unknown): Document {
  const bytes = Buffer.from(JSON.stringify(value))
  const etag = createHash('sha512').update(bytes).digest('hex').toUpperCase()
  return { body: { value: () => value, chunks: () => [bytes] }, etag }
}

/** The document, or 304 if the client has it. */
export function answerDocument(
  { request }: RequestContext,
  { body, etag }: Document,
  contentType: string,
): ServerResponse {
  const headers = { 'content-type': contentType, etag: `"${etag}"`, vary: 'Accept' }
  const known = headerOf(request, 'if-none-match')
    .split(',')
    .map(tag => tag.trim().replace(/^W\//, ''))
  if (known.includes(`"${etag}"`)) return { status: 304, headers, body: { value: () => undefined, chunks: () => [] } }
  return { status: 200, headers, body }
}
