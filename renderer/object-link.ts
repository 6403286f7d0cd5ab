import type { KubeObject } from '../shared/api/object.ts'
import type { ResourceRef } from '../shared/api/ref.ts'

/** Which object: enough to open it, name it and ask for it. */
export interface ObjectLink {
  ref: ResourceRef
  /** '' for cluster-scoped kinds. */
  namespace: string
  name: string
}

export function linkTo(ref: ResourceRef, object: KubeObject): ObjectLink {
  return { ref, namespace: ref.namespaced ? (object.metadata.namespace ?? '') : '', name: object.metadata.name }
}
