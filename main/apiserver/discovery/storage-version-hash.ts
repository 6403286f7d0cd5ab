import { createHash } from 'node:crypto'
import type { ResourceRef } from '../../../shared/api/ref.ts'

/** base64 of the first 8 bytes of SHA-256 over `group/version/kind` (apiserver/pkg/endpoints/discovery/storageversionhash.go). */
export function storageVersionHash({ group, version, kind }: ResourceRef): string {
  const digest = createHash('sha256').update(`${group}/${version}/${kind}`).digest()
  return digest.subarray(0, 8).toString('base64')
}
