import type { KubeObject, OwnerReference } from '../../../shared/api/object.ts'
import type { ResourceRef } from '../../../shared/api/ref.ts'
import type { Informers } from '../../../shared/client/informer.ts'
import { ownerUid } from '../../../shared/client/create-cache.ts'
import { refersTo } from '../../../shared/client/watches.ts'

/** An object with its kind. */
export interface Item {
  ref: ResourceRef
  object: KubeObject
}

/** Who owns whom, read from the informers' indices: nothing is kept twice, nothing can drift. */
export interface Graph {
  find(uid: string): Item | undefined
  dependents(uid: string): Item[]
  /** The kind an owner reference names; undefined if it is not among those watched. */
  kindOf(owner: OwnerReference): ResourceRef | undefined
}

const byUid = 'uid'

/** The owner graph of these kinds (pkg/controller/garbagecollector/graph_builder.go). */
export function ownerGraph(kinds: readonly ResourceRef[], informers: Informers): Graph {
  // Asked of every change, and most have neither owners nor dependents: the kinds are gone through only by a look-up.
  const lookUp = (index: string, value: string): Item[] =>
    kinds.flatMap(ref => {
      const informer = informers.informer(ref)
      informer.index(byUid, object => [object.metadata.uid])
      return informer.by(index, value).map(object => ({ ref, object }))
    })
  return {
    find: uid => lookUp(byUid, uid)[0],
    dependents: uid => lookUp(ownerUid, uid),
    kindOf: owner => kinds.find(ref => refersTo(owner, ref)),
  }
}

export const foreground = 'foregroundDeletion'
export const orphan = 'orphan'

const has = (object: KubeObject, finalizer: string) => object.metadata.finalizers?.includes(finalizer) ?? false

/** Deleted in the foreground: it goes when its blocking dependents are gone. */
export function isDeletingDependents(object: KubeObject): boolean {
  return !!object.metadata.deletionTimestamp && has(object, foreground)
}

/** Deleted with its dependents kept: it goes when none of them names it any more. */
export function isOrphaning(object: KubeObject): boolean {
  return !!object.metadata.deletionTimestamp && has(object, orphan)
}

/** The reference to one owner, by its uid. */
export function ownerReference(object: KubeObject, uid: string): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find(owner => owner.uid === uid)
}
