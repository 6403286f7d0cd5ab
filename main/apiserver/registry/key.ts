import type { ResourceRef } from '../../../shared/api/ref.ts'

/** Everything of a kind, or of a kind in one namespace, as a prefix of store keys. */
export function prefixOf(ref: ResourceRef, namespace = ''): string {
  const root = `/${ref.group}/${ref.resource}/`
  return namespace === '' || !ref.namespaced ? root : `${root}${namespace}/`
}

/** The store key of one object; the namespace of cluster-scoped kinds is ''. */
export function keyOf(ref: ResourceRef, at: { namespace: string; name: string }): string {
  return `/${ref.group}/${ref.resource}/${ref.namespaced ? at.namespace : ''}/${at.name}`
}
