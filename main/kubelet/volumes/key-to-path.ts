import type { VolumeFile } from '../host.ts'
import { MountFault } from './volume-source.ts'

interface Items {
  /** What a message calls a key: of a ConfigMap or of a Secret. */
  what: 'config' | 'secret'
  /** Chosen keys and where they go; all keys by their own names if there are none. */
  items?: { key: string; path: string; mode?: number }[]
  defaultMode: number
  optional: boolean
}

/** The files of a ConfigMap's or Secret's data (pkg/volume/configmap, MakePayload). Throws MountFault for a missing key. */
export function keysToFiles(
  data: Map<string, Uint8Array>,
  { what, items, defaultMode, optional }: Items,
): VolumeFile[] {
  if (!items || items.length === 0) {
    return [...data].map(([path, bytes]) => ({ path, data: bytes, mode: defaultMode }))
  }
  return items.flatMap(({ key, path, mode }) => {
    const bytes = data.get(key)
    if (bytes) return [{ path, data: bytes, mode: mode ?? defaultMode }]
    if (optional) return []
    throw new MountFault(`references non-existent ${what} key: ${key}`)
  })
}
