import type { KubeObject, ObjectKey, OwnerReference } from '../api/object.ts'
import { apiVersionOf, type ResourceRef } from '../api/ref.ts'
import type { ControllerWatch } from './controller.ts'
import type { Informers } from './informer.ts'
import { keyOf } from './key.ts'

/** Every object of a kind is its own key. */
export function each<T extends KubeObject>(ref: ResourceRef<T>): ControllerWatch<T> {
  return mapped(ref, object => [keyOf(object)])
}

/** Changes of a child name its controller (`ownerReferences[].controller`) if that is of the owner's kind. */
export function ownedBy<T extends KubeObject>(owner: ResourceRef, child: ResourceRef<T>): ControllerWatch<T> {
  return mapped(child, object => {
    const controller = controllerOf(object)
    if (!controller || !refersTo(controller, owner)) return []
    return [{ namespace: owner.namespaced ? (object.metadata.namespace ?? '') : '', name: controller.name }]
  })
}

/** Changes name the keys that `keys` finds in the new and in the old state. */
export function mapped<T extends KubeObject>(
  ref: ResourceRef<T>,
  keys: (object: T, informers: Informers) => ObjectKey[],
): ControllerWatch<T> {
  return {
    ref,
    keys: ({ now, before }, informers) => [now, before].flatMap(object => (object ? keys(object, informers) : [])),
  }
}

/** The one owner that manages the object (metav1.GetControllerOf). */
export function controllerOf(object: KubeObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find(owner => owner.controller)
}

/** Whether an owner reference points to this kind; versions of one group are the same kind. */
export function refersTo(owner: OwnerReference, ref: ResourceRef): boolean {
  const group = owner.apiVersion.includes('/') ? owner.apiVersion.slice(0, owner.apiVersion.indexOf('/')) : ''
  return owner.kind === ref.kind && group === ref.group
}

/** The reference a controller writes into what it creates (metav1.NewControllerRef). */
export function controllerRef(owner: KubeObject, ref: ResourceRef): OwnerReference {
  const { name, uid } = owner.metadata
  return { apiVersion: apiVersionOf(ref), kind: ref.kind, name, uid, controller: true, blockOwnerDeletion: true }
}
