import type { Schema } from '../schema.ts'
import { compareFields, type FieldChanges } from './compare-fields.ts'
import { difference, isEmpty, union, type FieldSet } from './field-set.ts'
import { capWriters, isSameManager, type ManagedFields, type Manager, type Owners } from './managers.ts'

/** The type of an object in the version that a request speaks. */
export interface FieldsType {
  readonly schema: Schema
  readonly apiVersion: string
  /** Leaves out the fields that the request can't change whatever it says (a strategy's GetResetFields): nobody gets them by it. */
  readonly writable: (fields: FieldSet) => FieldSet
}

/** A change of an object, and how it looks in the versions that other managers wrote in. */
export interface Change {
  readonly type: FieldsType
  readonly old: unknown
  readonly next: unknown
  /** Undefined for a version that is no more: its managers are forgotten. */
  readonly inVersion: (apiVersion: string) => FieldChanges | undefined
}

/** Nobody owns what only the server writes (managedfields/internal/stripmeta.go). */
const serverOnly: FieldSet = {
  'f:apiVersion': {},
  'f:kind': {},
  'f:metadata': {
    '.': {},
    'f:clusterName': {},
    'f:creationTimestamp': {},
    'f:generation': {},
    'f:managedFields': {},
    'f:name': {},
    'f:namespace': {},
    'f:resourceVersion': {},
    'f:selfLink': {},
    'f:uid': {},
  },
}

export const withoutServerFields = (set: FieldSet): FieldSet => difference(set, serverOnly)

/** What a change does to fields that the request may change. */
export function changesOf({ type, old, next }: Change): FieldChanges {
  const { changed, removed } = compareFields(type.schema, old, next)
  return { changed: type.writable(changed), removed: type.writable(removed) }
}

/**
 * Who owns what after a write (structured-merge-diff merge/update.go, Update): the writer what it changed, the others what
 * is left of theirs. What nobody changed keeps its time. `now` is RFC 3339. Throws a FieldTypeError.
 */
export function updateOwners(change: Change, given: { owners: Owners; by: Manager; now: string }): Owners {
  const changes = changesOf(change)
  const rest = takenFrom(given.owners, given.by.apiVersion, { changes, inVersion: change.inVersion })
  return withWriter(rest, changes.changed, given)
}

/** Gives fields to who has written them. */
export function withWriter(rest: Owners, written: FieldSet, { by, now }: { by: Manager; now: string }): Owners {
  const own = withoutServerFields(written)
  if (isEmpty(own)) return capWriters(rest)
  const before = rest.find(owner => isSameManager(owner, by))
  const after: ManagedFields = { ...by, fields: before ? union(own, before.fields) : own, time: now }
  return capWriters([...rest.filter(owner => owner !== before), after])
}

interface Taking {
  changes: FieldChanges
  inVersion: (apiVersion: string) => FieldChanges | undefined
}

/** The owners without what was changed or removed; those who are left with nothing are gone. */
export function takenFrom(owners: Owners, apiVersion: string, { changes, inVersion }: Taking): Owners {
  if (isEmpty(changes.changed) && isEmpty(changes.removed) && owners.every(owner => owner.apiVersion === apiVersion)) {
    return owners
  }
  return owners.flatMap(owner => {
    const taken = owner.apiVersion === apiVersion ? changes : inVersion(owner.apiVersion)
    if (!taken) return []
    const fields = difference(difference(owner.fields, taken.changed), taken.removed)
    if (isEmpty(fields)) return []
    return [fields === owner.fields ? owner : { ...owner, fields }]
  })
}
