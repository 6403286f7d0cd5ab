import type { Subresources } from '../subresources/subresource.ts'
import { discoveredVerbs, type ApiGroup, type GroupVersion } from './groups.ts'

/** The versions of apidiscovery.k8s.io that are served; v2beta1 for clients before 1.30. */
export type AggregatedVersion = 'v2' | 'v2beta1'

/** APIGroupDiscoveryList (KEP-3352): all of discovery in one answer. */
export function aggregatedDiscovery(
  groups: readonly ApiGroup[],
  version: AggregatedVersion,
  subresources: Subresources,
): unknown {
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${version}`,
    metadata: {},
    items: groups.map(group => ({
      metadata: { name: group.name, creationTimestamp: null },
      versions: group.versions.map(at => versionEntry(at, subresources)),
    })),
  }
}

function versionEntry({ version, resources, remote }: GroupVersion, subresources: Subresources) {
  if (remote)
    return { version, freshness: remote.freshness, ...(remote.resources.length > 0 && { resources: remote.resources }) }
  return {
    version,
    freshness: 'Current',
    resources: resources.map(resource => {
      const { ref, singularName, shortNames, categories } = resource
      const { group, kind } = ref
      const below = subresources(resource).map(subresource => ({
        subresource: subresource.name,
        responseKind: {
          group: subresource.group ?? group,
          version: subresource.version ?? version,
          kind: subresource.kind,
        },
        verbs: Object.keys(subresource.verbs).sort(),
      }))
      return {
        resource: ref.resource,
        responseKind: { group, version, kind },
        scope: ref.namespaced ? 'Namespaced' : 'Cluster',
        singularResource: singularName,
        verbs: discoveredVerbs(resource),
        ...(shortNames.length > 0 && { shortNames }),
        ...(categories.length > 0 && { categories }),
        ...(below.length > 0 && { subresources: below }),
      }
    }),
  }
}
