import type { ResourceRef } from '../../../shared/api/ref.ts'
import type { Resource } from '../../resources/resource.ts'

/** The kinds that are served, found by what a URL names. Kinds come and go with CustomResourceDefinitions. */
export interface ResourceIndex {
  find(at: { group: string; version: string; resource: string }): Resource | undefined
  all(): readonly Resource[]
  /** Grows with every change: what discovery caches are keyed by. */
  readonly generation: number
  /** Calls `changed` after every change. */
  subscribe(changed: () => void): Disposable
}

/** An index whose kinds beside the fixed ones can be replaced. */
export interface LiveResourceIndex extends ResourceIndex {
  /** The kinds that are served now beside the fixed ones, which win where a place is taken. The same ones change nothing. */
  replace(custom: readonly Resource[]): void
}

export function createResourceIndex(fixed: readonly Resource[]): LiveResourceIndex {
  const listeners = new Set<() => void>()
  const built = new Map(fixed.map(resource => [placeOf(resource.ref), resource]))
  let byPlace: ReadonlyMap<string, Resource> = built
  let all = fixed
  let generation = 1
  return {
    find: at => byPlace.get(placeOf(at)),
    all: () => all,
    get generation() {
      return generation
    },
    subscribe(changed) {
      listeners.add(changed)
      return { [Symbol.dispose]: () => void listeners.delete(changed) }
    },
    replace(custom) {
      const free = custom.filter(resource => !built.has(placeOf(resource.ref)))
      if (free.length === all.length - fixed.length && free.every((one, i) => one === all[fixed.length + i])) return
      byPlace = new Map([...built, ...free.map(resource => [placeOf(resource.ref), resource] as const)])
      all = [...fixed, ...free]
      generation++
      for (const changed of [...listeners]) changed()
    },
  }
}

function placeOf({ group, version, resource }: Pick<ResourceRef, 'group' | 'version' | 'resource'>): string {
  return `${group}/${version}/${resource}`
}
