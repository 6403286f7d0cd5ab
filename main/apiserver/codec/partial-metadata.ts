import type { KubeObject, ObjectMeta } from '../../../shared/api/object.ts'

export interface PartialObjectMetadata {
  kind: 'PartialObjectMetadata'
  apiVersion: 'meta.k8s.io/v1'
  metadata: ObjectMeta
}

/** An object without all but its metadata. */
export function partialMetadata({ metadata }: KubeObject): PartialObjectMetadata {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata }
}
