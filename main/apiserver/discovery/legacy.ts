import { apiVersionOf } from '../../../shared/api/ref.ts'
import { storageRefOf } from '../../resources/resource.ts'
import type { Subresources } from '../subresources/subresource.ts'
import { discoveredVerbs, type ApiGroup, type GroupVersion } from './groups.ts'
import { storageVersionHash } from './storage-version-hash.ts'

/** GET /api */
export function apiVersions(): unknown {
  return {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: '' }],
  }
}

/** GET /apis/<group>, and an item of GET /apis. */
export function apiGroup({ name, versions }: ApiGroup) {
  const [preferred] = versions
  const entryOf = (at: GroupVersion) => ({ groupVersion: apiVersionOf(at), version: at.version })
  return { name, versions: versions.map(entryOf), preferredVersion: entryOf(preferred) }
}

/** GET /apis; the core group is not among them. */
export function apiGroupList(groups: readonly ApiGroup[]): unknown {
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: groups.filter(group => group.name !== '').map(apiGroup) }
}

/** GET /api/v1 and /apis/<group>/<version>. */
export function apiResourceList(at: GroupVersion, subresources: Subresources): unknown {
  const resources = at.resources.flatMap(resource => {
    const { ref, singularName, shortNames, categories } = resource
    const own = {
      name: ref.resource,
      singularName,
      namespaced: ref.namespaced,
      kind: ref.kind,
      verbs: discoveredVerbs(resource),
      ...(shortNames.length > 0 && { shortNames }),
      ...(categories.length > 0 && { categories }),
      // What is never stored has no version that it is stored in.
      ...(resource.verbs.includes('watch') && { storageVersionHash: storageVersionHash(storageRefOf(resource)) }),
    }
    const below = subresources(resource).map(subresource => ({
      name: `${ref.resource}/${subresource.name}`,
      singularName: '',
      namespaced: ref.namespaced,
      ...(subresource.group !== undefined && { group: subresource.group, version: subresource.version }),
      kind: subresource.kind,
      verbs: Object.keys(subresource.verbs).sort(),
    }))
    return [own, ...below]
  })
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: apiVersionOf(at), resources }
}
