import { groupResourceOf, type ResourceRef } from '../../../shared/api/ref.ts'
import { storageRefOf, type Resource } from '../../resources/resource.ts'

/**
 * One ref for each kind whose objects can be listed, watched and deleted, however many versions and groups serve it: what
 * must look at all objects sees each once. The version that is listed first counts.
 */
export function storedKinds(resources: readonly Resource[]): readonly ResourceRef[] {
  const kinds = new Map<string, ResourceRef>()
  for (const resource of resources) {
    const id = groupResourceOf(storageRefOf(resource))
    if (resource.verbs.includes('watch') && !kinds.has(id)) kinds.set(id, resource.ref)
  }
  return [...kinds.values()]
}
