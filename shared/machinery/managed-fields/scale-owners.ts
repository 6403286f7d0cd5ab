import { difference, hasField, isEmpty, singleField } from './field-set.ts'
import { isSameManager, type ManagedFields, type Owners } from './managers.ts'
import { fieldElement } from './path-element.ts'

/** The version that a Scale speaks. */
const scaleVersion = 'autoscaling/v1'
const replicasOfScale = ['f:spec', 'f:replicas']

interface Parent {
  owners: Owners
  apiVersion: string
  /** Where the object has its replicas, as names. */
  replicas: readonly string[]
}

/** Who owns the replicas of an object, as the owners of its Scale (apimachinery/pkg/util/managedfields/scalehandler.go). */
export function scaleOwners({ owners, apiVersion, replicas }: Parent): Owners {
  const path = replicas.map(fieldElement)
  return owners
    .filter(owner => owner.apiVersion === apiVersion && hasField(owner.fields, path))
    .map(owner => ({ ...owner, apiVersion: scaleVersion, fields: singleField(replicasOfScale) }))
}

/**
 * The owners of an object after a change of its Scale: who owns the Scale's replicas owns the object's. As upstream, a
 * writer's entry is not found again in the Scale's version, so that its replicas go to an entry without a time.
 */
export function parentOwners({ owners, apiVersion, replicas }: Parent, ofScale: Owners): Owners {
  const path = replicas.map(fieldElement)
  const own = singleField(path)
  const isKept = (owner: ManagedFields) => ofScale.some(other => isSameManager(other, owner))
  const old = owners.flatMap(owner => {
    if (owner.apiVersion !== apiVersion) return []
    if (!hasField(owner.fields, path) || isKept(owner)) return [owner]
    const fields = difference(owner.fields, own)
    return isEmpty(fields) ? [] : [{ ...owner, fields }]
  })
  const added = ofScale
    .filter(
      other =>
        hasField(other.fields, replicasOfScale) &&
        !owners.some(owner => isSameManager(owner, other) && hasField(owner.fields, path)),
    )
    .map(other => ({ ...other, apiVersion, fields: own, time: undefined }))
  return [...old, ...added]
}
