import { groupResourceOf, type ResourceRef } from '../api/ref.ts'
import type { KubeObject, ObjectKey } from '../api/object.ts'

/** Where an object is. */
export function keyOf(object: KubeObject): ObjectKey {
  return { namespace: object.metadata.namespace ?? '', name: object.metadata.name }
}

/** `namespace/name`; `/name` for cluster-scoped kinds. */
export function keyText({ namespace, name }: ObjectKey): string {
  return `${namespace}/${name}`
}

/** The reverse of keyText. */
export function parseKey(text: string): ObjectKey {
  const slash = text.indexOf('/')
  return { namespace: text.slice(0, slash), name: text.slice(slash + 1) }
}

/** What tells kinds apart, as a key of a map: `v1/pods`, `v1/deployments.apps`. */
export function versionedResourceOf(ref: ResourceRef): string {
  return `${ref.version}/${groupResourceOf(ref)}`
}
