import { isObject, type JsonObject } from '../../../shared/machinery/json-value.ts'

/** A resource in an answer of aggregated discovery (apidiscovery.k8s.io/v2 APIResourceDiscovery). */
export interface DiscoveredResource {
  resource: string
  responseKind: { group: string; version: string; kind: string }
  scope: 'Namespaced' | 'Cluster'
  singularResource: string
  verbs: unknown
  shortNames?: unknown
  categories?: unknown
  subresources?: {
    subresource: string
    responseKind: { group: string; version: string; kind: string }
    verbs: unknown
  }[]
}

/** The resources of an APIResourceList, each with its subresources (endpoints.ConvertGroupVersionIntoToDiscovery). Empty for what is none. */
export function discoveredResources(document: string, at: { group: string; version: string }): DiscoveredResource[] {
  const found = new Map<string, DiscoveredResource>()
  for (const item of listed(document)) {
    const { name, kind, namespaced, singularName, verbs, shortNames, categories } = item
    if (typeof name !== 'string' || typeof kind !== 'string') continue
    const group = typeof item.group === 'string' && item.group !== '' ? item.group : at.group
    const version = typeof item.version === 'string' && item.version !== '' ? item.version : at.version
    const responseKind = { group, version, kind }
    const [resource = '', subresource] = name.split('/')
    if (subresource === undefined) {
      found.set(resource, {
        resource,
        responseKind,
        scope: namespaced === true ? 'Namespaced' : 'Cluster',
        singularResource: typeof singularName === 'string' ? singularName : '',
        verbs,
        ...(shortNames !== undefined && { shortNames }),
        ...(categories !== undefined && { categories }),
      })
    } else {
      const parent = found.get(resource)
      if (parent) (parent.subresources ??= []).push({ subresource, responseKind, verbs })
    }
  }
  return [...found.values()]
}

function listed(document: string): JsonObject[] {
  try {
    const list: unknown = JSON.parse(document)
    const resources = isObject(list) && Array.isArray(list.resources) ? list.resources : []
    // Parents first, whatever the order they came in.
    return resources.filter(isObject).toSorted((a, b) => depth(a) - depth(b))
  } catch {
    return []
  }
}

const depth = ({ name }: JsonObject) => (typeof name === 'string' && name.includes('/') ? 1 : 0)
