import { stringify } from 'yaml'
import type { KubeList, KubeObject } from '../../../shared/api/object.ts'
import { apiVersionOf } from '../../../shared/api/ref.ts'
import type { Resource } from '../../resources/resource.ts'
import type { Body, ServerRequest, ServerResponse } from '../request.ts'
import { headerOf, json, objectBody, valueBody } from '../request.ts'
import { negotiate, negotiateItself, notAcceptable, type Encoding } from './accept.ts'
import { longList } from './long-list.ts'
import { partialMetadata } from './partial-metadata.ts'
import { encodeProtobuf, protobuf } from './protobuf.ts'
import { includeObjectOf, tableOf, tableRows, type Printed } from './table.ts'

interface ObjectAnswer {
  request: ServerRequest
  resource: Printed
  status: number
  entry: { object: KubeObject; bytes: Buffer }
  now: number
}

/** One object in the form that the client accepts. */
export function answerObject({ request, resource, status, entry, now }: ObjectAnswer): ServerResponse {
  const { as, apiVersion, encoding } = negotiate(headerOf(request, 'accept'))
  if (as === undefined) return dress(status, objectBody(entry), encoding)
  if (as === 'PartialObjectMetadata') {
    return dress(status, valueBody(partialMetadata(entry.object, apiVersion)), encoding)
  }
  if (as === 'PartialObjectMetadataList') throw notAcceptable()
  const { resourceVersion } = entry.object.metadata
  const metadata = resourceVersion === undefined ? {} : { resourceVersion }
  const include = includeObjectOf(request.query)
  const table = tableOf({ resource, objects: [entry.object], include, apiVersion, now, metadata })
  return dress(status, valueBody(table), encoding)
}

interface ListAnswer {
  request: ServerRequest
  resource: Resource
  entries: readonly { object: KubeObject; bytes: Buffer }[]
  metadata: KubeList['metadata']
  now: number
}

/** Objects in the form that the client accepts; a plain list is made of the stored bytes. */
export function answerList({ request, resource, entries, metadata, now }: ListAnswer): ServerResponse {
  const { as, apiVersion, encoding } = negotiate(headerOf(request, 'accept'))
  if (as === undefined) return dress(200, listBody(resource, metadata, entries), encoding)
  if (as === 'PartialObjectMetadata') throw notAcceptable()
  const objects = entries.map(entry => entry.object)
  if (as === 'Table') {
    const shown = { resource, include: includeObjectOf(request.query), apiVersion, now }
    const { rows: _, ...frame } = tableOf({ ...shown, objects: [], metadata })
    const show = (some: readonly KubeObject[]) => tableRows({ ...shown, objects: some })
    return dress(200, longList(frame, { member: 'rows', items: objects, show }), encoding)
  }
  const frame = { kind: 'PartialObjectMetadataList', apiVersion, metadata }
  const show = (some: readonly KubeObject[]) => some.map(object => partialMetadata(object, apiVersion))
  return dress(200, longList(frame, { member: 'items', items: objects, show }), encoding)
}

/** Data that is no stored object (a TokenRequest, a Status): only ever itself. */
export function answerValue(request: ServerRequest, status: number, value: unknown): ServerResponse {
  const { encoding } = negotiateItself(headerOf(request, 'accept'))
  return dress(status, valueBody(value), encoding)
}

function dress(status: number, body: Body, encoding: Encoding): ServerResponse {
  if (encoding === 'json') return { status, headers: { 'content-type': json }, body }
  if (encoding === 'protobuf') {
    const bytes = Buffer.from(encodeProtobuf(body.value()))
    return { status, headers: { 'content-type': protobuf }, body: { value: body.value, chunks: () => [bytes] } }
  }
  const text = { value: body.value, chunks: () => [Buffer.from(stringify(body.value(), { compat: 'yaml-1.1' }))] }
  return { status, headers: { 'content-type': 'application/yaml' }, body: text }
}

const comma = Buffer.from(',')
const close = Buffer.from(']}\n')
/** Larger chunks make fewer writes; a copy of this size stays in the processor's cache. */
const chunkSize = 256 * 1024

/** A list's body put together from its items' stored bytes. */
function listBody(resource: Resource, metadata: KubeList['metadata'], entries: ListAnswer['entries']): Body {
  const kind = resource.listKind ?? `${resource.ref.kind}List`
  const apiVersion = apiVersionOf(resource.ref)
  const pieces = () => {
    const head = Buffer.from(
      `{"kind":"${kind}","apiVersion":"${apiVersion}","metadata":${JSON.stringify(metadata)},"items":[`,
    )
    let size = head.length + Math.max(entries.length - 1, 0) * comma.length + close.length
    for (const { bytes } of entries) size += bytes.length
    return { size, chunks: chunksOf(head, entries) }
  }
  return {
    value: () => ({ kind, apiVersion, metadata, items: entries.map(entry => entry.object) }),
    chunks: () => [...pieces().chunks],
    pieces,
  }
}

function* chunksOf(head: Buffer, entries: ListAnswer['entries']): Iterable<Buffer> {
  let parts = [head]
  let size = 0
  for (const [at, { bytes }] of entries.entries()) {
    if (at > 0) parts.push(comma)
    parts.push(bytes)
    size += bytes.length
    if (size < chunkSize) continue
    yield Buffer.concat(parts)
    parts = []
    size = 0
  }
  parts.push(close)
  yield Buffer.concat(parts)
}
