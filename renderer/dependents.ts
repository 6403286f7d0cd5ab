import type { KubeObject } from '../shared/api/object.ts'
import { groupResourceOf } from '../shared/api/ref.ts'
import type { Client } from '../shared/client/client.ts'
import type { Kind } from './live/discovery.ts'

/** How many objects of a kind go with what is deleted. */
export interface Dependents {
  kind: Kind
  count: number
}

/** Kinds whose objects nobody would miss: records about other objects. */
const records = new Set(['events', 'events.events.k8s.io', 'leases.coordination.k8s.io'])

/**
 * What goes with an object: everything in a namespace; else what it owns, and what that owns. Asked of the server when
 * the question comes up, since most kinds are not watched.
 */
export async function findDependents(
  client: Client,
  kinds: readonly Kind[],
  kind: Kind,
  objects: readonly KubeObject[],
): Promise<Dependents[]> {
  const candidates = kinds.filter(
    k => k.verbs.includes('list') && k.ref.namespaced && !records.has(groupResourceOf(k.ref)),
  )
  const isNamespace = groupResourceOf(kind.ref) === 'namespaces'
  const namespaces = new Set(objects.map(o => (isNamespace ? o.metadata.name : (o.metadata.namespace ?? ''))))
  const lists = await Promise.all(
    candidates.map(async candidate => {
      const found = await Promise.all([...namespaces].map(namespace => client.list(candidate.ref, { namespace })))
      return { kind: candidate, items: found.flatMap(list => list.items) }
    }),
  )
  const counted = isNamespace
    ? lists.map(({ kind: k, items }) => ({ kind: k, count: items.length }))
    : countOwned(lists, objects)
  return counted.filter(({ count }) => count > 0).toSorted((a, b) => b.count - a.count)
}

function countOwned(
  lists: readonly { kind: Kind; items: readonly KubeObject[] }[],
  objects: readonly KubeObject[],
): Dependents[] {
  const going = new Set(objects.map(o => o.metadata.uid))
  const asked = new Set(going)
  // Owners may be found after what they own: repeat until nothing is added.
  for (let before = -1; before !== going.size;) {
    before = going.size
    for (const { items } of lists) {
      for (const { metadata } of items)
        if (metadata.ownerReferences?.some(owner => going.has(owner.uid))) going.add(metadata.uid)
    }
  }
  return lists.map(({ kind, items }) => ({
    kind,
    count: items.filter(({ metadata }) => going.has(metadata.uid) && !asked.has(metadata.uid)).length,
  }))
}
