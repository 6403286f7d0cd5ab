import { createHash } from 'node:crypto'
import type { Secret } from '../../../shared/api/core.ts'

/** What a registry may be asked with, and whose it is. */
export interface Credential {
  username: string
  password: string
  secret: SecretCoordinates
  /** Of the user name and password: equal ones open the same doors, whichever Secret they are in. */
  hash: string
}

export interface SecretCoordinates {
  namespace: string
  name: string
  uid: string
}

interface Entry {
  username?: string
  password?: string
  /** base64 of `username:password`; goes before the two. */
  auth?: string
}

/** By registry, as a Secret has them: any JSON. */
type Entries = Record<string, Entry | null>

/** Docker Hub's own name in the files that `docker login` writes. */
const defaultRegistry = 'index.docker.io'

/**
 * The credentials with which a repository (as ImageReference has it) may be pulled, the most fitting first: all of them are
 * tried, so that a password can be changed in one Secret after the other (pkg/credentialprovider). Throws if a Secret of one
 * of the two types can't be read.
 */
export function credentialsFor(secrets: readonly Secret[], repository: string): Credential[] {
  const keyring = new Map<string, Credential[]>()
  for (const secret of secrets) {
    for (const [location, entry] of Object.entries(entriesOf(secret))) {
      const key = keyOf(location)
      if (key !== undefined) keyring.set(key, [...(keyring.get(key) ?? []), credentialOf(entry, secret)])
    }
  }
  const fitting = [...keyring.keys()]
    .filter(key => fits(key, repository))
    .sort()
    .reverse()
  if (fitting.length > 0) return fitting.flatMap(key => keyring.get(key) ?? [])
  return repository.startsWith('docker.io/') ? (keyring.get(defaultRegistry) ?? []) : []
}

function entriesOf({ type, data = {} }: Secret): Entries {
  const read = (key: string): unknown => {
    const text = Buffer.from(data[key] ?? '', 'base64').toString('utf8')
    return text === '' ? {} : JSON.parse(text)
  }
  if (type === 'kubernetes.io/dockerconfigjson')
    return (read('.dockerconfigjson') as { auths?: Entries } | null)?.auths ?? {}
  if (type === 'kubernetes.io/dockercfg') return (read('.dockercfg') as Entries | null) ?? {}
  return {}
}

function credentialOf(entry: Entry | null, { metadata }: Secret): Credential {
  const [username, password, auth] = [entry?.username ?? '', entry?.password ?? '', entry?.auth ?? '']
  if ([username, password, auth].some(text => typeof text !== 'string'))
    throw new Error('username, password and auth of a registry must be strings')
  const given = auth === '' ? { username, password } : decoded(auth)
  const { namespace = '', name, uid } = metadata
  const hash = createHash('sha256')
    .update(JSON.stringify([given.username, given.password]))
    .digest('hex')
  return { ...given, secret: { namespace, name, uid }, hash }
}

function decoded(auth: string) {
  const text = Buffer.from(auth, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  if (colon < 0) throw new Error('unable to parse auth field, must be formatted as base64(username:password)')
  return { username: text.slice(0, colon), password: text.slice(colon + 1) }
}

/** Host and path of an entry; `/v1/` and `/v2/` are the registry's own. Undefined of one that is no address. */
function keyOf(location: string): string | undefined {
  const match = /^(?:https?:\/\/)?([^/?#\s]+)(\/[^?#]*)?/.exec(location)
  if (!match) return undefined
  const [, host = '', path = ''] = match
  const own = path.replace(/^\/v[12]\//, '/')
  return own === '/' ? host : host + own
}

/** Whether an entry is for a repository: port and number of host parts agree, its path is a prefix, `*` stands for any part. */
function fits(key: string, repository: string): boolean {
  const [mine, theirs] = [addressOf(key), addressOf(repository)]
  return (
    mine.port === theirs.port &&
    mine.parts.length === theirs.parts.length &&
    theirs.path.startsWith(mine.path) &&
    mine.parts.every((part, index) => matches(part, theirs.parts[index] ?? ''))
  )
}

function addressOf(address: string) {
  const slash = address.indexOf('/')
  const [place, path] = slash < 0 ? [address, ''] : [address.slice(0, slash), address.slice(slash)]
  const port = /:(\d+)$/.exec(place)?.[1]
  return { parts: (port === undefined ? place : place.slice(0, -port.length - 1)).split('.'), port, path }
}

/** Piece by piece and never back: a Secret may have a pattern of many stars. */
function matches(pattern: string, text: string): boolean {
  const [first = '', ...pieces] = pattern.split('*')
  const last = pieces.pop()
  if (last === undefined) return text === pattern
  const end = text.length - last.length
  if (end < first.length || !text.startsWith(first) || !text.endsWith(last)) return false
  let at = first.length
  for (const piece of pieces) {
    const found = text.slice(0, end).indexOf(piece, at)
    if (found < 0) return false
    at = found + piece.length
  }
  return true
}
