import { configMaps } from '../../../shared/api/core.ts'
import type { Volume } from '../../../shared/api/core.ts'
import type { VolumeFile } from '../host.ts'
import { keysToFiles } from './key-to-path.ts'
import { MountFault } from './volume-source.ts'
import type { VolumeContext } from './volume-source.ts'

type Source = NonNullable<Volume['configMap']>

/** The files of a configMap source: text and binary data (pkg/volume/configmap). */
export async function configMapFiles(
  source: Source,
  defaultMode: number,
  { pod, read }: VolumeContext,
): Promise<VolumeFile[]> {
  const namespace = pod.metadata.namespace ?? ''
  const name = source.name ?? ''
  const optional = source.optional ?? false
  const object = await read.find(configMaps, { namespace, name })
  if (!object && !optional) throw new MountFault(`configmap "${name}" not found`)
  const data = new Map<string, Uint8Array>()
  for (const [key, text] of Object.entries(object?.data ?? {})) data.set(key, Buffer.from(text))
  for (const [key, base64] of Object.entries(object?.binaryData ?? {})) data.set(key, Buffer.from(base64, 'base64'))
  return keysToFiles(data, { what: 'config', ...(source.items && { items: source.items }), defaultMode, optional })
}
