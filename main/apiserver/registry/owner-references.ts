import type { KubeObject } from '../../../shared/api/object.ts'
import { jsonEqual } from '../../../shared/machinery/json-value.ts'

/** Drops owner references that stand twice, with a warning (handlers/rest.go, dedupOwnerReferences). */
export function dropRepeatedOwners({ metadata }: KubeObject, warn: (text: string) => void): void {
  const { ownerReferences = [] } = metadata
  if (ownerReferences.length < 2) return
  const kept = ownerReferences.filter((owner, at) => ownerReferences.findIndex(other => jsonEqual(owner, other)) === at)
  if (kept.length === ownerReferences.length) return
  const repeated = ownerReferences.filter(
    (owner, at) => ownerReferences.findIndex(other => jsonEqual(owner, other)) !== at,
  )
  metadata.ownerReferences = kept
  const uids = repeated.map(({ uid }) => uid).join(', ')
  warn(
    `.metadata.ownerReferences contains duplicate entries; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: ${uids}`,
  )
}
