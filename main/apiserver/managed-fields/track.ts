import type { KubeObject } from '../../../shared/api/object.ts'
import { apiVersionOf } from '../../../shared/api/ref.ts'
import { toTime } from '../../../shared/machinery/clock.ts'
import { jsonEqual, type JsonObject } from '../../../shared/machinery/json-value.ts'
import { createdFields } from '../../../shared/machinery/managed-fields/fields-of.ts'
import { FieldTypeError } from '../../../shared/machinery/managed-fields/field-type.ts'
import {
  entriesOf,
  isReset,
  ownersOf,
  readOwners,
  type ManagedFieldsEntry,
  type Manager,
  type Owners,
} from '../../../shared/machinery/managed-fields/managers.ts'
import { updateOwners, withWriter, type Change } from '../../../shared/machinery/managed-fields/update-owners.ts'
import { zeroObject } from '../../resources/zero-object.ts'
import type { Core, Write } from '../registry/core.ts'
import { fieldsTypeOf } from './fields-type.ts'
import { otherVersions } from './versions.ts'

/**
 * Keeps metadata.managedFields of what is written with other means than apply (apimachinery/pkg/util/managedfields): the
 * writer owns what it changes. Upstream does it before admission, so nobody owns what admission and strategies change.
 */

type Tracked = Write & { readonly manager: string }

/** Gives a new object's fields to its maker. */
export function trackCreate(core: Core, write: Tracked, object: KubeObject): void {
  const given = object.metadata.managedFields
  const owners = isReset(given) ? [] : (readOwners(given) ?? [])
  const type = fieldsTypeOf(write.resource, write.subresource)
  const zero = zeroObject(write.resource)
  const bare = withoutManagedFields(object) as unknown as JsonObject
  setOwners(object, () => {
    // What nobody has yet can't be taken from anyone.
    if (owners.length > 0)
      return ownersAfter(core, write, { change: { type, old: zero, next: bare, inVersion: () => undefined }, owners })
    return withWriter([], type.writable(createdFields(type.schema, zero, bare)), writerOf(core, write))
  })
}

/**
 * Gives the fields that `object` changes to the writer. Managed fields that the client sends replace the old ones; an
 * object that has lost its managed fields gets none until it is applied.
 */
export async function trackUpdate(core: Core, write: Tracked, object: KubeObject, old: KubeObject): Promise<void> {
  const { metadata } = object
  const before = old.metadata.managedFields
  const owners = baseOwners(write, metadata.managedFields, before)
  if (owners.length === 0) {
    delete metadata.managedFields
    return
  }
  // The same list in both is passed over as soon as it is met.
  if (before) metadata.managedFields = before
  else delete metadata.managedFields
  const type = fieldsTypeOf(write.resource, write.subresource)
  const { resource, subresource } = write
  const inVersion = await changesElsewhere()
  if (inVersion)
    setOwners(object, () => ownersAfter(core, write, { change: { type, old, next: object, inVersion }, owners }))
  else delete metadata.managedFields

  /** Undefined if the object can't be converted: then it is written without. */
  async function changesElsewhere(): Promise<Change['inVersion'] | undefined> {
    if (owners.every(({ apiVersion }) => apiVersion === type.apiVersion)) return () => undefined
    try {
      return await otherVersions({ index: core.index, resource, subresource, owners, old, next: object })
    } catch (error) {
      core.log.error('Managed fields are lost', { error, resource: resource.ref.resource, name: metadata.name })
      return undefined
    }
  }
}

/** Whose managed fields count: a subresource can't set them. */
function baseOwners({ subresource }: Write, given: unknown, before: ManagedFieldsEntry[] | undefined): Owners {
  if (subresource !== '' || given === undefined || given === null) return ownersOf(before)
  if (isReset(given)) return []
  if (given === before || jsonEqual(given, before)) return ownersOf(before)
  const owners = readOwners(given)
  return owners && owners.length > 0 ? owners : ownersOf(before)
}

function ownersAfter(core: Core, write: Tracked, { change, owners }: { change: Change; owners: Owners }): Owners {
  return updateOwners(change, { owners, ...writerOf(core, write) })
}

function writerOf(core: Core, { manager, resource, subresource }: Tracked): { by: Manager; now: string } {
  const by = {
    manager: manager || 'unknown',
    operation: 'Update',
    apiVersion: apiVersionOf(resource.ref),
    subresource,
  } as const
  return { by, now: toTime(core.clock.now()) }
}

/** What can't be told apart has no owners at all (UpdateNoErrors). */
function setOwners(object: KubeObject, compute: () => Owners): void {
  try {
    setManagedFields(object, compute())
  } catch (error) {
    if (!(error instanceof FieldTypeError)) throw error
    delete object.metadata.managedFields
  }
}

/** Writes an object's managed fields; without owners it has none. */
export function setManagedFields({ metadata }: KubeObject, owners: Owners): void {
  const entries = entriesOf(owners)
  if (entries) metadata.managedFields = entries
  else delete metadata.managedFields
}

/** The object without its managed fields; the rest is shared. */
export function withoutManagedFields(object: KubeObject): KubeObject {
  if (object.metadata.managedFields === undefined) return object
  const { managedFields: _, ...metadata } = object.metadata
  return { ...object, metadata }
}

/**
 * Puts the old times back where a write has changed nothing but them, so that it is no change
 * (apiserver/pkg/endpoints/handlers/fieldmanager/equality.go).
 */
export function keepTimes(object: KubeObject, old: KubeObject): void {
  const [before, after] = [old.metadata.managedFields, object.metadata.managedFields]
  if (!before || !after || before === after || before.length !== after.length) return
  const timeless = ({ time: _, ...entry }: ManagedFieldsEntry) => entry
  if (!after.every((entry, i) => jsonEqual(timeless(entry), timeless(before[i] ?? {})))) return
  const metadata = { ...object.metadata, managedFields: before }
  if (jsonEqual({ ...object, metadata }, old)) object.metadata.managedFields = before
}
