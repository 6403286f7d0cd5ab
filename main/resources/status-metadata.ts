import type { KubeObject } from '../../shared/api/object.ts'

/** What a write to `/status` may not change of the metadata, for the kinds that say so (metav1.ResetObjectMetaForStatus). */
export function keepMetadata(object: KubeObject, old: KubeObject): void {
  const { labels: _labels, annotations: _annotations, ownerReferences: _owners, ...metadata } = object.metadata
  const { labels, annotations, ownerReferences } = old.metadata
  object.metadata = {
    ...metadata,
    ...(labels && { labels }),
    ...(annotations && { annotations }),
    ...(ownerReferences && { ownerReferences }),
  }
}

/** For the kinds whose metadata a write to `/status` may not change at all. */
export function keepAllMetadata(object: KubeObject, old: KubeObject): void {
  object.metadata = { ...old.metadata }
}
