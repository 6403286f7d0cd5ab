import { safeEncodeString } from './rand-name.ts'

/** FNV-1a over 32 bits, unsigned (Go's hash/fnv New32a). */
export function fnv32a(bytes: Uint8Array): number {
  let hash = 0x811c9dc5
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193)
  return hash >>> 0
}

/**
 * A hash of any JSON value that does not depend on the order of keys. Upstream hashes a Go dump of the struct
 * (pkg/util/hash DeepHashObject), so values differ from upstream's; nothing may compare the two.
 */
export function hashValue(value: unknown): number {
  return fnv32a(new TextEncoder().encode(canonicalJson(value)))
}

/**
 * The `pod-template-hash` of a template (pkg/controller ComputeHash): with `collisionCount` mixed in, so that a
 * Deployment can step aside from a name that is taken.
 */
export function podTemplateHash(template: unknown, collisionCount?: number): string {
  const hash = collisionCount === undefined ? hashValue(template) : hashValue([template, collisionCount])
  return safeEncodeString(String(hash))
}

/** JSON with sorted keys; absent and undefined are the same. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  )
}
