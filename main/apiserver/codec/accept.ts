import type { MetaVersion } from '../../../shared/api/meta.ts'
import { failure } from '../../../shared/machinery/status.ts'

/** The form an answer takes (apiserver/pkg/endpoints/handlers/negotiation). */
export interface Accepted {
  /** Undefined: the object itself. */
  readonly as: 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList' | undefined
  /** Of that form. */
  readonly apiVersion: MetaVersion
  readonly encoding: Encoding
}

export type Encoding = 'json' | 'yaml' | 'protobuf'

const plain: Accepted = { as: undefined, apiVersion: 'meta.k8s.io/v1', encoding: 'json' }
/** Clients send a handful of different headers, each many times. */
const known = new Map<string, Accepted | undefined>([
  ['', plain],
  ['*/*', plain],
  ['application/json', plain],
  ['application/json, */*', plain],
])
const knownLimit = 200
/** Longer headers are read each time: what is kept must not grow with what a client makes up. */
const keyLimit = 256

/**
 * Chooses the first form that is served. JSON is what the server holds, so protobuf is for those who take nothing else.
 * Throws 406 if none is.
 */
export function negotiate(accept: string): Accepted {
  let accepted = known.get(accept)
  if (!accepted && !known.has(accept)) {
    const ranges = mediaRanges(accept)
    accepted = choose(ranges) ?? choose(ranges, protobuf)
    if (known.size < knownLimit && accept.length <= keyLimit) known.set(accept, accepted)
  }
  if (!accepted) throw notAcceptable()
  return accepted
}

/** As `negotiate`, for what is only ever itself: forms that it does not have are passed over. */
export function negotiateItself(accept: string): Pick<Accepted, 'encoding'> {
  const accepted = negotiate(accept)
  if (accepted.as === undefined) return accepted
  const ranges = mediaRanges(accept).filter(({ parameters }) => parameters.as === undefined)
  const found = choose(ranges) ?? choose(ranges, protobuf)
  if (!found) throw notAcceptable()
  return found
}

/** 406: the client takes nothing that is offered. */
export function notAcceptable() {
  const message = 'only the following media types are accepted: application/json, application/yaml'
  return failure({ code: 406, reason: 'NotAcceptable', message })
}

/** One term of an Accept header. */
export interface MediaRange {
  type: string
  parameters: Record<string, string>
  quality: number
}

/** The ranges of an Accept header, best first; those of equal quality keep their order. */
export function mediaRanges(accept: string): MediaRange[] {
  const ranges = accept.split(',').map((range): MediaRange => {
    const [type = '', ...rest] = range.split(';').map(part => part.trim())
    const parameters = Object.fromEntries(rest.map(part => part.split('=', 2) as [string, string]))
    return { type: type.toLowerCase(), parameters, quality: Number(parameters.q ?? 1) }
  })
  return ranges.filter(range => range.quality > 0).sort((a, b) => b.quality - a.quality)
}

const forms = ['Table', 'PartialObjectMetadata', 'PartialObjectMetadataList'] as const

const versions = ['v1', 'v1beta1'] as const

const text: Partial<Record<string, Encoding>> = {
  'application/json': 'json',
  'application/*': 'json',
  '*/*': 'json',
  'application/yaml': 'yaml',
}
const protobuf: typeof text = { 'application/vnd.kubernetes.protobuf': 'protobuf' }

function choose(ranges: readonly MediaRange[], encodings = text): Accepted | undefined {
  for (const { type, parameters } of ranges) {
    const encoding = encodings[type]
    if (!encoding) continue
    if (parameters.as === undefined) return { ...plain, encoding }
    const as = forms.find(name => name === parameters.as)
    const version = versions.find(name => name === parameters.v)
    if (as && version && parameters.g === 'meta.k8s.io') return { as, apiVersion: `meta.k8s.io/${version}`, encoding }
  }
  return undefined
}
