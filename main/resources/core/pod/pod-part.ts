import type { Pod, PodSpec } from '../../../../shared/api/core.ts'

/**
 * Makes a pod what it was, for `change` to put in its spec what a subresource may change (ResetObjectMetaForStatus keeps
 * the rest of the metadata).
 */
export function keepAllBut(object: Pod, old: Pod, change: (spec: PodSpec) => void): void {
  const { metadata, spec, status } = structuredClone(old)
  const { resourceVersion, managedFields } = object.metadata
  object.metadata = { ...metadata, ...(resourceVersion !== undefined && { resourceVersion }) }
  if (managedFields) object.metadata.managedFields = managedFields
  else delete object.metadata.managedFields
  change(spec)
  object.spec = spec
  if (status) object.status = status
  else delete object.status
}
