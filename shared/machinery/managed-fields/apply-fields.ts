import { jsonEqual } from '../json-value.ts'
import type { Schema } from '../schema.ts'
import { appliedFields } from './fields-of.ts'
import { difference, intersection, isEmpty, noFields, printFields, union, type FieldSet } from './field-set.ts'
import { isSameManager, type ManagedFields, type Manager, type Owners } from './managers.ts'
import { mergeFields } from './merge-fields.ts'
import { removeFields, withNamedFields } from './remove-fields.ts'
import { changesOf, takenFrom, withoutServerFields, type Change, type FieldsType } from './update-owners.ts'

interface Application {
  readonly type: FieldsType
  readonly live: unknown
  readonly applied: unknown
  readonly owners: Owners
  /** An applier. */
  readonly by: Manager
}

/** What an application makes of an object, before it is known whether it may. */
export interface MergedApplication {
  readonly object: unknown
  readonly own: ManagedFields
  readonly others: Owners
}

/**
 * The first half of server-side apply (KEP-555; structured-merge-diff merge/update.go, Apply): merges what is applied and
 * removes what this manager applied before and nobody owns any more. Throws a FieldTypeError.
 */
export function mergeApplication({ type, live, applied, owners, by }: Application): MergedApplication {
  const { schema } = type
  const before = owners.find(owner => isSameManager(owner, by))
  const own: ManagedFields = { ...by, fields: type.writable(appliedFields(schema, applied)), time: before?.time }
  const others = owners.filter(owner => owner !== before)
  const merged = mergeFields(schema, live, applied)
  const object = before ? prune(schema, merged, { last: before.fields, all: [...others, own] }) : merged
  return { object, own, others }
}

/** A field that someone else owns. */
export interface FieldConflict {
  readonly owner: ManagedFields
  /** As `.spec.replicas`. */
  readonly path: string
}

export interface Applied {
  /** The live object itself if it is not changed. */
  readonly object: unknown
  readonly owners: Owners
  /** Not empty: nothing is applied. */
  readonly conflicts: readonly FieldConflict[]
}

interface Decision {
  readonly force: boolean
  /** RFC 3339. */
  readonly now: string
  /** See Change. */
  readonly inVersion: Change['inVersion']
}

/** The second half: finds the conflicts, and gives the manager the fields that it applied. Throws a FieldTypeError. */
export function finishApplication(
  { type, live, owners }: Application,
  { object, own, others }: MergedApplication,
  { force, now, inVersion }: Decision,
): Applied {
  const changes = changesOf({ type, old: live, next: object, inVersion })
  if (!force) {
    const conflicts = others.flatMap(owner => {
      const taken = owner.apiVersion === type.apiVersion ? changes : inVersion(owner.apiVersion)
      return taken ? conflictsWith(owner, intersection(owner.fields, taken.changed)) : []
    })
    if (conflicts.length > 0) return { object: live, owners, conflicts }
  }
  const same = jsonEqual(live, object)
  const fields = withoutServerFields(own.fields)
  const mine = isEmpty(fields) ? [] : [{ ...own, fields, time: same ? own.time : now }]
  const left = takenFrom(others, type.apiVersion, { changes, inVersion })
  return { object: same ? live : object, owners: [...left, ...mine], conflicts: [] }
}

const conflictsWith = (owner: ManagedFields, lost: FieldSet): FieldConflict[] =>
  isEmpty(lost) ? [] : printFields(lost).map(path => ({ owner, path }))

/** Removes what was applied last time and is owned by nobody now. What was not applied, or stands in what stays, is kept. */
function prune(schema: Schema, merged: unknown, { last, all }: { last: FieldSet; all: Owners }): unknown {
  if (isEmpty(last)) return merged
  const named = (set: FieldSet) => withNamedFields(schema, set)
  const there = named(appliedFields(schema, merged))
  const left = appliedFields(schema, removeFields(schema, merged, named(last)))
  const owned = all.reduce((set, { fields }) => union(set, fields), noFields)
  const unowned = difference(there, union(named(left), named(owned)))
  const kept = named(appliedFields(schema, removeFields(schema, merged, unowned)))
  return removeFields(schema, merged, intersection(difference(there, kept), named(last)))
}
