import type { KubeObject } from '../../../shared/api/object.ts'
import { isNotFound } from '../../../shared/machinery/status.ts'
import { answerList } from '../codec/answer.ts'
import { deleteObject } from '../registry/delete.ts'
import type { DeletionOptions } from '../registry/deletion-options.ts'
import { recordPrefix } from '../registry/records.ts'
import type { Written } from '../registry/core.ts'
import type { ServerResponse } from '../request.ts'
import { readDeletionOptions } from './delete.ts'
import { listOptions } from './list-options.ts'
import { select } from './list.ts'
import { isDryRun, writeOf, type ResourceCall } from './resource-call.ts'
import { selectionOf } from './selection.ts'

/** DELETE on a collection: each object as if alone; answers with what was deleted. */
export async function deleteCollection(call: ResourceCall): Promise<ServerResponse> {
  const { core, context, resource, namespace } = call
  const { request } = context
  const options = await readDeletionOptions(call)
  const dryRun = isDryRun([...request.query.getAll('dryRun'), ...(options.dryRun ?? [])], 'DeleteOptions')
  const selection = selectionOf(resource, request.query)
  const listing = listOptions(request.query, { watch: false })
  const { entries, metadata } = await select({
    call,
    options: listing,
    selection,
    prefix: recordPrefix(resource, namespace),
  })

  // Side by side: one commit of the store takes many of them.
  const deleted = await Promise.all(entries.map(({ object }) => deleteOne({ call, options, dryRun, object })))
  return answerList({
    request,
    resource,
    entries: deleted.filter(entry => entry !== undefined),
    metadata,
    now: core.clock.now(),
  })
}

interface One {
  call: ResourceCall
  options: DeletionOptions
  dryRun: boolean
  object: KubeObject
}

async function deleteOne({ call, options, dryRun, object }: One): Promise<Written | undefined> {
  const { name, namespace = '' } = object.metadata
  const write = writeOf({ ...call, namespace, name }, { dryRun })
  try {
    return await deleteObject(call.core, write, options)
  } catch (error) {
    // Someone else was faster.
    if (isNotFound(error)) return undefined
    throw error
  }
}
