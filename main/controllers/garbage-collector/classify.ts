import type { OwnerReference } from '../../../shared/api/object.ts'
import type { Client } from '../../../shared/client/client.ts'
import { refersTo } from '../../../shared/client/watches.ts'
import { unlessGone } from '../../../shared/client/unless-gone.ts'
import { isDeletingDependents, type Graph, type Item } from './graph.ts'

/** An object's owners by what they mean for it. */
export interface Owners {
  /** Exist: the object stays. */
  solid: OwnerReference[]
  /** Do not exist (any more). */
  dangling: OwnerReference[]
  /** Are being deleted and wait for this object to go first. */
  waiting: OwnerReference[]
}

/**
 * Sorts the owner references of an object (garbagecollector.go classifyReferences). An owner that the graph does not
 * have may only not have been seen yet, so its absence is confirmed by a live read: another object of its name does not
 * count. A namespaced owner must be in the object's own namespace. An owner of an unknown kind can't be judged and counts
 * as solid, and so does a namespaced owner of a cluster-scoped object.
 */
export async function classify(item: Item, graph: Graph, client: Client): Promise<Owners> {
  const owners: Owners = { solid: [], dangling: [], waiting: [] }
  for (const owner of item.object.metadata.ownerReferences ?? []) {
    owners[await judge(item, owner, { graph, client })].push(owner)
  }
  return owners
}

async function judge(
  { object }: Item,
  owner: OwnerReference,
  { graph, client }: { graph: Graph; client: Client },
): Promise<keyof Owners> {
  const ref = graph.kindOf(owner)
  if (!ref) return 'solid'
  const { namespace = '' } = object.metadata
  if (ref.namespaced && namespace === '') return 'solid'
  const seen = graph.find(owner.uid)
  const isMeant = seen && isReachable(seen, namespace) && refersTo(owner, seen.ref)
  const found = isMeant && seen.object.metadata.name === owner.name ? seen.object : await live()
  if (found?.metadata.uid !== owner.uid) return 'dangling'
  return isDeletingDependents(found) && owner.blockOwnerDeletion ? 'waiting' : 'solid'

  async function live() {
    return unlessGone(client.get(ref as NonNullable<typeof ref>, { namespace, name: owner.name }))
  }
}

/**
 * The owners that exist, but in a namespace where the object may not have one: another than its own, or any at all if it
 * is cluster-scoped (graph_builder.go addDependentToOwners).
 */
export function ownersElsewhere({ object }: Item, graph: Graph): OwnerReference[] {
  const { ownerReferences = [], namespace = '' } = object.metadata
  return ownerReferences.filter(owner => {
    const seen = graph.find(owner.uid)
    return seen && !isReachable(seen, namespace)
  })
}

const isReachable = ({ ref, object }: Item, namespace: string) =>
  !ref.namespaced || object.metadata.namespace === namespace
