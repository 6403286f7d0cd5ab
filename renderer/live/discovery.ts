import type { ResourceRef } from '../../shared/api/ref.ts'
import type { ApiTransport } from '../../shared/client/client.ts'

/** A kind the server serves, as aggregated discovery tells it. */
export interface Kind {
  ref: ResourceRef
  shortNames: string[]
  categories: string[]
  verbs: string[]
  subresources: string[]
}

/** How people name a kind before a slash: `deploy/api`, `pod/api-0`. */
export function shortKind(ref: ResourceRef, kinds: readonly Kind[]): string {
  // `po` and `no` are kubectl's shortest, and no words.
  if (ref.resource === 'pods' || ref.resource === 'nodes') return ref.resource.slice(0, -1)
  const kind = kinds.find(k => k.ref.resource === ref.resource && k.ref.group === ref.group)
  return kind?.shortNames[0] ?? ref.kind.toLowerCase()
}

/** apidiscovery.k8s.io/v2 APIGroupDiscoveryList, as far as the window reads it. */
interface GroupDiscoveryList {
  items: {
    metadata?: { name?: string }
    versions?: {
      version: string
      resources?: {
        resource: string
        responseKind?: { kind?: string }
        scope: 'Namespaced' | 'Cluster'
        shortNames?: string[]
        categories?: string[]
        verbs?: string[]
        subresources?: { subresource: string }[]
      }[]
    }[]
  }[]
}

const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json'

/** Every kind, each in its group's preferred version. */
export async function discover(transport: ApiTransport): Promise<Kind[]> {
  const [core, groups] = await Promise.all(
    ['/api', '/apis'].map(path => transport.request<GroupDiscoveryList>({ method: 'GET', path, headers: { accept } })),
  )
  return [...kindsOf(core), ...kindsOf(groups)]
}

function kindsOf(list: GroupDiscoveryList | undefined): Kind[] {
  const kinds = new Map<string, Kind>()
  for (const { metadata, versions } of list?.items ?? []) {
    const group = metadata?.name ?? ''
    for (const { version, resources } of versions ?? []) {
      for (const { resource, responseKind, scope, ...rest } of resources ?? []) {
        const key = `${resource}.${group}`
        if (kinds.has(key)) continue
        kinds.set(key, {
          ref: { group, version, resource, kind: responseKind?.kind ?? resource, namespaced: scope === 'Namespaced' },
          shortNames: rest.shortNames ?? [],
          categories: rest.categories ?? [],
          verbs: rest.verbs ?? [],
          subresources: (rest.subresources ?? []).map(s => s.subresource),
        })
      }
    }
  }
  return [...kinds.values()]
}
