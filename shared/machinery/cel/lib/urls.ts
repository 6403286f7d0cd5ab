import type { Library } from '../functions.ts'
import { EvaluationError, listOf, mapOf, type Opaque, type OpaqueType } from '../value.ts'

/** The parts of a URL as Go's net/url tells them. */
interface Parts {
  readonly text: string
  readonly scheme: string
  readonly host: string
  readonly path: string
  readonly query: string
}

const type: OpaqueType<Parts> = { name: 'kubernetes.URL', equals: (a, b) => a.text === b.text }

/** Absolute URLs and paths only, as ParseRequestURI takes them; or why it is none. */
function read(text: string): Parts | string {
  const failed = (why: string) => `parse ${JSON.stringify(text)}: ${why}`
  if (text === '') return failed('empty url')
  if (/\p{Cc}/u.test(text)) return failed('net/url: invalid control character in URL')
  const [, scheme = '', rest = ''] = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?([^]*)$/.exec(text) ?? []
  if (scheme === '' && !rest.startsWith('/')) {
    return failed(text.startsWith(':') ? 'missing protocol scheme' : 'invalid URI for request')
  }
  const [, authority, path = '', query = ''] = /^(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?/.exec(rest) ?? []
  const host = (authority ?? '').replace(/^.*@/, '')
  if (/[ <>"]|%(?![0-9a-fA-F]{2})/.test(host)) return failed('invalid character in host name')
  const port = /:([^\]]*)$/.exec(host.replace(/^\[[^\]]*\]/, ''))?.[1] ?? ''
  if (port !== '' && !/^\d*$/.test(port)) return failed(`invalid port ${JSON.stringify(`:${port}`)} after host`)
  const escape = /%(?![0-9a-fA-F]{2}).{0,2}/.exec(path)
  if (escape) return failed(`invalid URL escape ${JSON.stringify(escape[0])}`)
  return { text, scheme: scheme.toLowerCase(), host, path, query }
}

function url(text: string): Opaque<Parts> {
  const value = read(text)
  if (typeof value === 'string') throw new EvaluationError(`URL parse error during conversion from string: ${value}`)
  return { kind: 'opaque', type, value }
}

const portOf = (host: string) => /:(\d*)$/.exec(host)?.[1]
const hostnameOf = (host: string) => host.replace(/:\d*$/, '').replace(/^\[(.*)\]$/, '$1')

function queryOf({ value }: Opaque<Parts>) {
  const values = new Map<string, string[]>()
  for (const [name, one] of new URLSearchParams(value.query)) values.set(name, [...(values.get(name) ?? []), one])
  return mapOf([...values].map(([name, all]) => [name, listOf(all)] as const))
}

const escapePath = (path: string) =>
  path.replace(/[^A-Za-z0-9\-_.~$&+,/:;=@!'()*%[\]]+/g, found => encodeURIComponent(found))

/** URLs (apiserver/pkg/cel/library/urls.go). */
export const urls: Library = {
  'url(string) -> kubernetes.URL': url,
  'isURL(string) -> bool': (text: string) => typeof read(text) !== 'string',
  'kubernetes.URL.getScheme() -> string': ({ value }: Opaque<Parts>) => value.scheme,
  'kubernetes.URL.getHost() -> string': ({ value }: Opaque<Parts>) => value.host,
  'kubernetes.URL.getHostname() -> string': ({ value }: Opaque<Parts>) => hostnameOf(value.host),
  'kubernetes.URL.getPort() -> string': ({ value }: Opaque<Parts>) => portOf(value.host) ?? '',
  'kubernetes.URL.getEscapedPath() -> string': ({ value }: Opaque<Parts>) => escapePath(value.path),
  'kubernetes.URL.getQuery() -> map(string, list(string))': queryOf,
}

/** Why a text is no URI, or undefined. */
export function uriFault(text: string): string | undefined {
  const parts = read(text)
  return typeof parts === 'string' ? parts : undefined
}
