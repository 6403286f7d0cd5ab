import type { Secret } from '../../shared/api/core.ts'
import { registryOf } from './image-reference.ts'
import type { PullOptions } from './runtime.ts'

interface Entry {
  username?: string
  password?: string
  /** base64 of `username:password` */
  auth?: string
}

/**
 * The credentials for an image's registry out of image pull secrets of either type (pkg/credentialprovider).
 * A secret that can't be read counts as empty: the registry then says what is wrong.
 */
export function registryAuth(secrets: Secret[], reference: string): PullOptions['auth'] {
  const registry = registryOf(reference)
  for (const secret of secrets) {
    for (const [server, entry] of Object.entries(entriesOf(secret))) {
      if (hostOf(server) !== registry) continue
      const [user, ...rest] = entry.auth ? Buffer.from(entry.auth, 'base64').toString('utf8').split(':') : []
      const username = entry.username ?? user
      if (username !== undefined) return { username, password: entry.password ?? rest.join(':'), serveraddress: server }
    }
  }
  return undefined
}

function entriesOf({ data = {} }: Secret): Record<string, Entry> {
  const [config, legacy] = [data['.dockerconfigjson'], data['.dockercfg']]
  try {
    if (config) return (JSON.parse(decode(config)) as { auths?: Record<string, Entry> }).auths ?? {}
    if (legacy) return JSON.parse(decode(legacy)) as Record<string, Entry>
  } catch {
    return {}
  }
  return {}
}

const decode = (base64: string) => Buffer.from(base64, 'base64').toString('utf8')

/** Docker Hub's key is `https://index.docker.io/v1/`; others may carry a scheme or a path too. */
function hostOf(server: string): string {
  const host = server.replace(/^https?:\/\//, '').split('/')[0] ?? ''
  return /^(index\.|registry-1\.)?docker\.io$/.test(host) ? 'docker.io' : host
}
