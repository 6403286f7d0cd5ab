import { secrets } from '../../../shared/api/core.ts'
import type { Volume } from '../../../shared/api/core.ts'
import type { VolumeFile } from '../host.ts'
import { keysToFiles } from './key-to-path.ts'
import { MountFault } from './volume-source.ts'
import type { VolumeContext } from './volume-source.ts'

type Source = Pick<NonNullable<Volume['secret']>, 'items' | 'optional'> & { name: string }

/** The files of a secret source (pkg/volume/secret). */
export async function secretFiles(
  source: Source,
  defaultMode: number,
  { pod, read }: VolumeContext,
): Promise<VolumeFile[]> {
  const namespace = pod.metadata.namespace ?? ''
  const optional = source.optional ?? false
  const object = await read.find(secrets, { namespace, name: source.name })
  if (!object && !optional) throw new MountFault(`secret "${source.name}" not found`)
  const data = new Map(Object.entries(object?.data ?? {}).map(([key, base64]) => [key, Buffer.from(base64, 'base64')]))
  return keysToFiles(data, { what: 'secret', ...(source.items && { items: source.items }), defaultMode, optional })
}
