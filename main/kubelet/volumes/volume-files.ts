import { posix } from 'node:path'
import type { Volume } from '../../../shared/api/core.ts'
import { configMapFiles } from './config-map.ts'
import { downwardApiFiles } from './downward-api.ts'
import { projection } from './projected.ts'
import { secretFiles } from './secret.ts'
import { tokenFor, type Token } from './service-account-token.ts'
import type { Projection, VolumeContext } from './volume-source.ts'

/** The files of a volume that is made of API objects; undefined of any other. `tokens` holds those of the pod by path. */
export async function filesOf(
  volume: Volume,
  tokens: Map<string, Token>,
  context: VolumeContext,
): Promise<Projection | undefined> {
  const found = await collect(volume, tokens, context)
  return found && { ...found, files: found.files.map(file => ({ ...file, path: posix.normalize(file.path) })) }
}

async function collect(
  { configMap, secret, downwardAPI, projected }: Volume,
  tokens: Map<string, Token>,
  context: VolumeContext,
): Promise<Projection | undefined> {
  if (configMap) {
    return { files: await configMapFiles(configMap, configMap.defaultMode ?? 0o644, context), secret: false }
  }
  if (secret) {
    const source = { ...secret, name: secret.secretName ?? '' }
    return { files: await secretFiles(source, secret.defaultMode ?? 0o644, context), secret: true }
  }
  if (downwardAPI) {
    const { items = [], defaultMode = 0o644 } = downwardAPI
    return { files: downwardApiFiles(items, defaultMode, context), secret: false }
  }
  if (!projected) return undefined
  const token: Parameters<typeof projection>[1] = async part => {
    const current = await tokenFor(part, tokens.get(part.path), context)
    tokens.set(part.path, current)
    return current
  }
  return projection(projected, token, context)
}
