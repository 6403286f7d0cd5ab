import type { KubeObject } from '../../../shared/api/object.ts'
import { toTime } from '../../../shared/machinery/clock.ts'
import { notFound } from '../../../shared/machinery/status.ts'
import { StoreError } from '../../store/store.ts'
import { strategyContext, subjectOf, unstored, type Core, type Write, type Written } from './core.ts'
import type { DeletionOptions } from './deletion-options.ts'
import { isHeld, namespaceFinalizers } from './lifecycle.ts'
import { checkPreconditions } from './preconditions.ts'
import { deleteRecord, findRecord, updateRecord, type StoredRecord } from './records.ts'

const orphan = 'orphan'
const foreground = 'foregroundDeletion'

/** What became of a deletion. */
export interface Deleted extends Written {
  /** False: finalizers or a grace period keep the object for now. */
  gone: boolean
}

/**
 * Deletes an object or marks it as going (apiserver/pkg/registry/rest/delete.go and generic/registry/store.go):
 * `propagationPolicy` becomes a finalizer for the garbage collector, a grace period or finalizers leave the object with a
 * deletionTimestamp, a second deletion may only shorten the period.
 */
export async function deleteObject(core: Core, write: Write, options: DeletionOptions): Promise<Deleted> {
  const given = () => ({ ...options })
  const admission = { ...write, operation: 'DELETE', object: undefined, options: given } as const
  // Ends: see updateObject.
  for (;;) {
    const current = await findRecord(core.store, write.resource, write)
    if (!current) throw notFound(subjectOf(write.resource, write.name))
    const old = current.served.object
    checkPreconditions(write, options, old)
    await core.admission.mutate({ ...admission, old })
    await core.admission.validate({ ...admission, old })
    try {
      return await deleteOnce(core, write, { options, current })
    } catch (error) {
      if (!(error instanceof StoreError) || error.code !== 'conflict') throw error
    }
  }
}

async function deleteOnce(
  core: Core,
  write: Write,
  { options, current }: { options: DeletionOptions; current: StoredRecord },
): Promise<Deleted> {
  const { dryRun, name, resource } = write
  const store = { journal: write.journal(name), volatile: resource.volatile ?? false }
  const marked = mark(core, write, { options, old: current.served.object })
  if (!marked) return { object: current.served.object, bytes: current.served.bytes, gone: false }
  const gone = !isHeld(marked) && (marked.metadata.deletionGracePeriodSeconds ?? 0) === 0
  if (dryRun) return { ...unstored(marked), gone }
  const change = { resource, record: current }
  const written = gone
    ? await deleteRecord(core.store, change, marked, store)
    : await updateRecord(core.store, change, marked, store)
  return { object: written.object, bytes: written.bytes, gone }
}

/** The object as a deletion leaves it, or undefined if it changes nothing about one that is already going. */
function mark(
  core: Core,
  write: Write,
  { options, old }: { options: DeletionOptions; old: KubeObject },
): KubeObject | undefined {
  const { metadata } = old
  const period = write.resource.gracePeriod?.(old, options.gracePeriodSeconds) ?? 0
  const finalizers = collectorFinalizers(old, options, write.resource)
  const sameFinalizers = finalizers.join() === (metadata.finalizers ?? []).join()
  const now = core.clock.now()

  if (metadata.deletionTimestamp !== undefined) {
    const before = metadata.deletionGracePeriodSeconds ?? 0
    // A period can only be shortened, and only by one that was asked for.
    const shorter = options.gracePeriodSeconds !== undefined && period < before
    if (!shorter && sameFinalizers && (before > 0 || isHeld(old))) return undefined
    const object = withFinalizers(old, finalizers)
    if (shorter) {
      object.metadata.deletionGracePeriodSeconds = period
      object.metadata.deletionTimestamp = toTime(Date.parse(metadata.deletionTimestamp) - (before - period) * 1000)
    }
    return object
  }

  const object = withFinalizers(old, finalizers)
  write.resource.prepareForDelete?.(object, strategyContext(core, write))
  if (period === 0 && !isHeld(object) && !write.resource.gracePeriod) return object
  object.metadata.deletionTimestamp = toTime(now + period * 1000)
  if (object.metadata.generation) object.metadata.generation++
  if (namespaceFinalizers(object).length === 0) {
    object.metadata.deletionGracePeriodSeconds = period
  } else {
    // A Namespace is emptied by its controller (registry/core/namespace/storage).
    const namespace = object as KubeObject & { status?: object }
    namespace.status = { ...namespace.status, phase: 'Terminating' }
  }
  return object
}

/** A copy whose metadata may be changed; the rest is shared with the old object. */
function withFinalizers(old: KubeObject, finalizers: string[]): KubeObject {
  const { finalizers: _before, ...metadata } = old.metadata
  return { ...old, metadata: { ...metadata, ...(finalizers.length > 0 && { finalizers }) } }
}

/**
 * The finalizers after the propagation policy has had its say: the request's, that of finalizers that are there, the
 * kind's own (deletionFinalizersForGarbageCollection).
 */
function collectorFinalizers(
  old: KubeObject,
  { propagationPolicy, orphanDependents }: DeletionOptions,
  { orphansByDefault, hasDependents }: Write['resource'],
): string[] {
  const existing = old.metadata.finalizers ?? []
  if (hasDependents === false) return existing.filter(name => name !== orphan && name !== foreground)
  const asked = propagationPolicy !== undefined || orphanDependents !== undefined
  const orphans = asked
    ? propagationPolicy === 'Orphan' || orphanDependents === true
    : existing.includes(orphan) || (orphansByDefault === true && !existing.includes(foreground))
  const waits = asked ? propagationPolicy === 'Foreground' : existing.includes(foreground)
  const others = existing.filter(name => name !== orphan && name !== foreground)
  return [...others, ...(orphans ? [orphan] : []), ...(waits && !orphans ? [foreground] : [])]
}
