import { computed, type ComputedRef } from 'vue'
import type { KubeObject, OwnerReference } from '../../shared/api/object.ts'
import { objects } from '../live/cluster-model.ts'
import type { ObjectLink } from '../object-link.ts'
import { useSession } from '../session.ts'

interface Owner {
  link: ObjectLink
  /** The object's own owner; the others are owners of owners. */
  nearest: boolean
}

/** Who owns an object, from the outermost inwards: `Deployment api › api-7c9f8d6b5c`. */
export function useOwners(object: () => KubeObject): ComputedRef<Owner[]> {
  const { kinds, model } = useSession()

  function linkOf(owner: OwnerReference, namespace: string): ObjectLink | undefined {
    const group = owner.apiVersion.includes('/') ? owner.apiVersion.split('/')[0] : ''
    const ref = kinds.value.find(kind => kind.ref.kind === owner.kind && kind.ref.group === group)?.ref
    return ref && { ref, namespace: ref.namespaced ? namespace : '', name: owner.name }
  }

  return computed(() => {
    const { metadata } = object()
    const namespace = metadata.namespace ?? ''
    const direct = metadata.ownerReferences ?? []
    return direct.flatMap(owner => {
      const above =
        owner.kind === 'ReplicaSet' ? objects(model.replicaSets).find(rs => rs.metadata.uid === owner.uid) : undefined
      const outer = above?.metadata.ownerReferences?.find(o => o.controller)
      const links = [outer && linkOf(outer, namespace), linkOf(owner, namespace)]
      return links.flatMap((link, index) => (link ? [{ link, nearest: index === 1 && outer !== undefined }] : []))
    })
  })
}
