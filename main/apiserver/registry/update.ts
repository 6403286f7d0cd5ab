import type { KubeObject } from '../../../shared/api/object.ts'
import { quote } from '../../../shared/machinery/field-errors.ts'
import { badRequest, conflict, failure, notFound } from '../../../shared/machinery/status.ts'
import { StoreError } from '../../store/store.ts'
import { keepTimes, trackUpdate } from '../managed-fields/track.ts'
import { modified } from '../to-status.ts'
import { withAllocations } from './allocation.ts'
import { strategyContext, subjectOf, unstored, type Core, type Write, type Written } from './core.ts'
import { keepSystemMetadata, mayGo } from './lifecycle.ts'
import { dropRepeatedOwners } from './owner-references.ts'
import { keepOtherParts } from './parts.ts'
import { deleteRecord, findRecord, updateRecord, type StoredRecord } from './records.ts'
import { assertValidUpdate, strategyOf } from './validity.ts'

/** Makes the new object from the current one, which it must not change. Called again after a lost race. */
export type Transform = (old: KubeObject) => KubeObject | Promise<KubeObject>

/**
 * Replaces an object, in the order of upstream's generic registry: transform, admission, strategy, validation, validating
 * admission. A resourceVersion in the new object must be the current one; without one the write wins over others. What
 * changes nothing is not stored. An object whose last finalizer goes while it is being deleted goes with it.
 */
export async function updateObject(core: Core, write: Write, transform: Transform): Promise<Written> {
  // Ends: a lost race is one that another write has won, and of those only so many are under way.
  for (;;) {
    const current = await findRecord(core.store, write.resource, write)
    if (!current) throw notFound(subjectOf(write.resource, write.name))
    const object = await transform(current.served.object)
    dropRepeatedOwners(object, write.warn)
    const { manager } = write
    if (manager !== undefined) await trackUpdate(core, { ...write, manager }, object, current.served.object)
    const pinned = Boolean(object.metadata.resourceVersion)
    try {
      return await replace(core, write, { current, object })
    } catch (error) {
      if (!(error instanceof StoreError) || error.code !== 'conflict' || pinned) throw error
    }
  }
}

async function replace(
  core: Core,
  write: Write,
  given: { current: StoredRecord; object: KubeObject },
): Promise<Written> {
  const { resource, dryRun, name } = write
  const { current } = given
  const old = current.served.object
  checkIdentity(write, given.object, old)
  const object = keepOtherParts(write, given.object, old)
  keepSystemMetadata(object, old)
  const request = { ...write, operation: 'UPDATE', object, old } as const
  await core.admission.mutate(request)
  const allocators = write.subresource === '' ? core.allocators : []
  return withAllocations(allocators, { ref: resource.ref, object, old, dryRun }, async () => {
    strategyOf(write)?.prepareForUpdate?.(object, old, strategyContext(core, write))
    assertValidUpdate(write, object, old)
    await core.admission.validate(request)
    const options = { journal: write.journal(name), volatile: resource.volatile ?? false }
    if (dryRun) return unstored(object)
    const change = { resource, record: current }
    keepTimes(object, old)
    return mayGo(object, old)
      ? deleteRecord(core.store, change, object, options)
      : updateRecord(core.store, change, object, options)
  })
}

/** The new object must be the one that the URL names and, where it says so, the one that the client has seen; `old` is what is there. */
export function checkIdentity(write: Write, object: KubeObject, old: KubeObject | undefined): void {
  const { metadata } = object
  const { name, namespace, resource } = write
  if (resource.ref.namespaced && metadata.namespace && metadata.namespace !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
  }
  if (!metadata.name) {
    throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`)
  }
  if (metadata.name !== name) {
    throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`)
  }
  if (metadata.resourceVersion && !/^\d+$/.test(metadata.resourceVersion)) {
    throw failure({
      code: 500,
      message: `strconv.ParseUint: parsing ${quote(metadata.resourceVersion)}: invalid syntax`,
    })
  }
  if (old && metadata.resourceVersion && metadata.resourceVersion !== old.metadata.resourceVersion) {
    throw conflict(subjectOf(resource, name), modified)
  }
}
