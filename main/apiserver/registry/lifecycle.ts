import type { KubeObject } from '../../../shared/api/object.ts'

/**
 * What no update can change: the server's own part of the metadata (rest.BeforeUpdate). A uid or the marks of a deletion
 * that a client makes up stay, and validation refuses them.
 */
export function keepSystemMetadata(object: KubeObject, old: KubeObject): void {
  const { metadata } = object
  const {
    uid,
    creationTimestamp,
    deletionTimestamp,
    deletionGracePeriodSeconds,
    generation,
    namespace,
    resourceVersion,
  } = old.metadata
  metadata.uid ||= uid
  if (namespace !== undefined) metadata.namespace = namespace
  // Kept so that an unchanged object equals the old one; the store replaces it.
  if (resourceVersion !== undefined) metadata.resourceVersion = resourceVersion
  if (creationTimestamp !== undefined) metadata.creationTimestamp = creationTimestamp
  if (generation === undefined) delete metadata.generation
  else metadata.generation = generation
  if (deletionTimestamp !== undefined) metadata.deletionTimestamp = deletionTimestamp
  if (deletionGracePeriodSeconds !== undefined) metadata.deletionGracePeriodSeconds ??= deletionGracePeriodSeconds
  delete metadata.selfLink
}

/** Whether an update removes what held up a deletion (generic registry's ShouldDeleteDuringUpdate; a Namespace also waits for spec.finalizers). */
export function mayGo(object: KubeObject, old: KubeObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = old.metadata
  if (deletionTimestamp === undefined || deletionGracePeriodSeconds !== 0) return false
  return !isHeld(object)
}

/** Whether finalizers of any kind keep an object. */
export function isHeld(object: KubeObject): boolean {
  return (object.metadata.finalizers?.length ?? 0) > 0 || namespaceFinalizers(object).length > 0
}

/** `spec.finalizers` of a Namespace; empty for every other kind. */
export function namespaceFinalizers(object: KubeObject): readonly string[] {
  if (object.kind !== 'Namespace' || object.apiVersion !== 'v1') return []
  const { spec } = object as KubeObject & { spec?: { finalizers?: string[] } }
  return spec?.finalizers ?? []
}
