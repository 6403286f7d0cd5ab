import type { ConfigMap, Secret } from '../../../shared/api/core.ts'
import type { KubeObject } from '../../../shared/api/object.ts'

export interface DataEntry {
  key: string
  /** Undefined if the bytes are no UTF-8 text. */
  text: string | undefined
  /** In bytes. */
  size: number
}

/** The data of a ConfigMap or a Secret, decoded, by key. */
export function dataEntries(object: KubeObject): DataEntry[] {
  const entries =
    object.kind === 'Secret'
      ? Object.entries((object as Secret).data ?? {}).map(([key, value]) => fromBase64(key, value))
      : [
          ...Object.entries((object as ConfigMap).data ?? {}).map(([key, text]) => ({
            key,
            text,
            size: new TextEncoder().encode(text).length,
          })),
          ...Object.entries((object as ConfigMap).binaryData ?? {}).map(([key, value]) => fromBase64(key, value)),
        ]
  return entries.toSorted((a, b) => a.key.localeCompare(b.key))
}

function fromBase64(key: string, value: string): DataEntry {
  const bytes = Uint8Array.from(atob(value), char => char.charCodeAt(0))
  try {
    return { key, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), size: bytes.length }
  } catch {
    return { key, text: undefined, size: bytes.length }
  }
}
