import type { KubeObject, ObjectKey, OwnerReference } from '../../../shared/api/object.ts'
import type { ResourceRef } from '../../../shared/api/ref.ts'
import type { Client } from '../../../shared/client/client.ts'
import type { Controller, ControllerContext, ControllerWatch } from '../../../shared/client/controller.ts'
import { keyOf } from '../../../shared/client/key.ts'
import { watchKinds, type LiveKinds } from '../live-kinds.ts'
import { classify } from './classify.ts'
import {
  foreground,
  isDeletingDependents,
  isOrphaning,
  orphan,
  ownerGraph,
  ownerReference,
  type Graph,
  type Item,
} from './graph.ts'
import { createInvalidOwnerReports } from './report-invalid-owners.ts'
import { unlessReplaced } from '../unless-replaced.ts'

/**
 * Deletes what has no owner left and carries out foreground and orphan deletion (pkg/controller/garbagecollector).
 * Its keys are uids (in `name`): an object that replaced another of the same name is another one.
 */
export function garbageCollector({ kinds }: { kinds: LiveKinds }): Controller {
  const invalidOwners = createInvalidOwnerReports()
  return {
    name: 'garbage-collector-controller',
    watches: watchKinds(kinds, ref => watch(ref, kinds)),
    workers: 20,

    async reconcile({ name: uid }, context) {
      const graph = ownerGraph(kinds.current(), context.informers)
      const item = graph.find(uid)
      if (!item) {
        invalidOwners.forget(uid)
        return
      }
      invalidOwners.report(item, graph, context.recorder)
      if (isOrphaning(item.object)) await orphanDependents(item, graph, context)
      else if (isDeletingDependents(item.object)) await finishForeground(item, graph, context)
      else if (!item.object.metadata.deletionTimestamp) await collect(item, graph, context)
    },
  }
}

/**
 * Its own deletion may have to be carried out, its owners may have waited for it to go, and its dependents are affected
 * when it goes or begins to wait for them.
 */
function watch(ref: ResourceRef, kinds: LiveKinds): ControllerWatch {
  return {
    ref,
    keys({ now, before }, informers) {
      const graph = ownerGraph(kinds.current(), informers)
      const object = now ?? before
      if (!object) return []
      const uids = new Set<string>()
      if (now && (now.metadata.deletionTimestamp || now.metadata.ownerReferences)) uids.add(now.metadata.uid)
      const references = [...(now?.metadata.ownerReferences ?? []), ...(before?.metadata.ownerReferences ?? [])]
      for (const owner of references) {
        const found = graph.find(owner.uid)?.object
        if (found?.metadata.deletionTimestamp) uids.add(owner.uid)
      }
      if (!now || isDeletingDependents(now)) {
        for (const dependent of graph.dependents(object.metadata.uid)) uids.add(dependent.object.metadata.uid)
      }
      return [...uids].map((uid): ObjectKey => ({ namespace: '', name: uid }))
    },
  }
}

/** Deletes an object without owners, and cuts its ties to absent ones while another keeps it (attemptToDeleteItem). */
async function collect(item: Item, graph: Graph, { client, log }: ControllerContext): Promise<void> {
  if (!item.object.metadata.ownerReferences?.length) return
  const { solid, dangling, waiting } = await classify(item, graph, client)
  if (solid.length > 0) {
    if (dangling.length + waiting.length > 0) await patchOwners(client, item, solid)
    return
  }
  let { object } = item
  const dependents = graph.dependents(object.metadata.uid)
  const inForeground = waiting.length > 0 && dependents.length > 0
  if (inForeground && dependents.some(dependent => isDeletingDependents(dependent.object))) {
    // A circle: each would wait for the other, so this one no longer blocks its owners.
    const owners = object.metadata.ownerReferences?.map(owner => ({ ...owner, blockOwnerDeletion: false })) ?? []
    object = (await patchOwners(client, item, owners)) ?? object
  }
  const { uid, resourceVersion, finalizers = [] } = object.metadata
  const kept = finalizers.includes(orphan) ? 'Orphan' : finalizers.includes(foreground) ? 'Foreground' : 'Background'
  log.info('Deleting object without owners', { resource: item.ref.resource, object: keyOf(object) })
  await unlessReplaced(
    client.delete(item.ref, keyOf(object), {
      propagationPolicy: inForeground ? 'Foreground' : kept,
      preconditions: { uid, ...(resourceVersion && { resourceVersion }) },
    }),
  )
}

/** The owner goes when nothing blocks it; what blocks it is collected in turn (processDeletingDependentsItem). */
async function finishForeground(item: Item, graph: Graph, { client }: ControllerContext): Promise<void> {
  const { uid } = item.object.metadata
  const others = graph.dependents(uid).filter(({ object }) => object.metadata.uid !== uid)
  const blocking = others.filter(({ object }) => ownerReference(object, uid)?.blockOwnerDeletion)
  if (blocking.length === 0) await removeFinalizer(client, item, foreground)
}

async function orphanDependents(item: Item, graph: Graph, { client }: ControllerContext): Promise<void> {
  const { uid } = item.object.metadata
  await Promise.all(
    graph.dependents(uid).map(dependent => {
      const owners = dependent.object.metadata.ownerReferences ?? []
      return patchOwners(
        client,
        dependent,
        owners.filter(owner => owner.uid !== uid),
      )
    }),
  )
  await removeFinalizer(client, item, orphan)
}

function patchOwners(client: Client, item: Item, ownerReferences: OwnerReference[]): Promise<KubeObject | undefined> {
  return patch(client, item, { ownerReferences: ownerReferences.length > 0 ? ownerReferences : null })
}

async function removeFinalizer(client: Client, item: Item, finalizer: string): Promise<void> {
  const finalizers = item.object.metadata.finalizers?.filter(each => each !== finalizer) ?? []
  await patch(client, item, { finalizers })
}

/** A merge patch, which every kind understands; uid and resourceVersion make it fail on another or a newer object. */
function patch(client: Client, { ref, object }: Item, metadata: object): Promise<KubeObject | undefined> {
  const { uid, resourceVersion } = object.metadata
  const body = { metadata: { uid, resourceVersion, ...metadata } }
  return unlessReplaced(client.patch(ref, keyOf(object), { type: 'application/merge-patch+json', body }))
}
