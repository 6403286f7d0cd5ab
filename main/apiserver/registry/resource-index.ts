import type { ResourceRef } from '../../../shared/api/ref.ts'
import type { Resource } from '../../resources/resource.ts'

/** The kinds that are served, found by what a URL names. Kinds come and go with CustomResourceDefinitions. */
export interface ResourceIndex {
  find(at: { group: string; version: string; resource: string }): Resource | undefined
  all(): readonly Resource[]
  /** Grows with every change: what discovery caches are keyed by. */
  readonly generation: number
}

export function createResourceIndex(resources: readonly Resource[]): ResourceIndex {
  const byPlace = new Map(resources.map(resource => [placeOf(resource.ref), resource]))
  return { find: at => byPlace.get(placeOf(at)), all: () => resources, generation: 1 }
}

function placeOf({ group, version, resource }: Pick<ResourceRef, 'group' | 'version' | 'resource'>): string {
  return `${group}/${version}/${resource}`
}
