import type { MetaVersion } from '../../../shared/api/meta.ts'
import type { KubeObject, ObjectMeta } from '../../../shared/api/object.ts'

export interface PartialObjectMetadata {
  kind: 'PartialObjectMetadata'
  apiVersion: MetaVersion
  metadata: ObjectMeta
}

/** An object without all but its metadata. */
export function partialMetadata({ metadata }: KubeObject, apiVersion: MetaVersion): PartialObjectMetadata {
  return { kind: 'PartialObjectMetadata', apiVersion, metadata }
}
