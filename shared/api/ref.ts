import type { KubeObject } from './object.ts'

/**
 * Names a resource type on the wire and its object type at compile time. Everything that speaks about a kind
 * (server, client, controllers, window) shares these values.
 */
export interface ResourceRef<T extends KubeObject = KubeObject> {
  /** '' for the core group. */
  readonly group: string
  readonly version: string
  /** Plural, lower case, as in the URL. */
  readonly resource: string
  readonly kind: string
  readonly namespaced: boolean
  /** Carries the type only; never set. */
  readonly objectType?: T
}

/** `v1` or `apps/v1`. */
export function apiVersionOf(ref: { group: string; version: string }): string {
  return ref.group === '' ? ref.version : `${ref.group}/${ref.version}`
}

/** `pods` or `deployments.apps`: the name upstream's messages use. */
export function groupResourceOf(ref: { group: string; resource: string }): string {
  return ref.group === '' ? ref.resource : `${ref.resource}.${ref.group}`
}

/** The URL path of a collection, an object or a subresource. */
export function pathOf(
  ref: ResourceRef,
  at: { namespace?: string | undefined; name?: string | undefined; subresource?: string | undefined } = {},
): string {
  const root = ref.group === '' ? `/api/${ref.version}` : `/apis/${ref.group}/${ref.version}`
  const namespace = ref.namespaced && at.namespace ? `/namespaces/${encodeURIComponent(at.namespace)}` : ''
  const name = at.name ? `/${encodeURIComponent(at.name)}` : ''
  const subresource = at.name && at.subresource ? `/${at.subresource}` : ''
  return `${root}${namespace}/${ref.resource}${name}${subresource}`
}
