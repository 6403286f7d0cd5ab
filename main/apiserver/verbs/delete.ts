import { answerObject, answerValue } from '../codec/answer.ts'
import { readDecoded } from '../codec/body.ts'
import { deleteObject, type Deleted } from '../registry/delete.ts'
import { deletionOptions, type DeletionOptions } from '../registry/deletion-options.ts'
import type { Resource } from '../../resources/resource.ts'
import type { ServerResponse } from '../request.ts'
import { isDryRun, writeOf, type ResourceCall } from './resource-call.ts'

/** Kinds that answer with the deleted object where others answer with a Status (their stores' ReturnDeletedObject). */
const returnsObject: Partial<Record<string, readonly string[]>> = {
  '': [
    'pods',
    'services',
    'serviceaccounts',
    'namespaces',
    'persistentvolumes',
    'persistentvolumeclaims',
    'podtemplates',
    'resourcequotas',
  ],
  'resource.k8s.io': ['deviceclasses', 'resourceclaims', 'resourceclaimtemplates', 'resourceslices'],
  'storage.k8s.io': ['csidrivers', 'csinodes', 'storageclasses', 'volumeattachments', 'volumeattributesclasses'],
}

/** DELETE on an object: the object while something keeps it, else a Status (or the object, for some kinds). */
export async function del(call: ResourceCall): Promise<ServerResponse> {
  const { core, context, resource } = call
  const { request } = context
  const options = await readDeletionOptions(call)
  const write = writeOf(call, {
    dryRun: isDryRun([...request.query.getAll('dryRun'), ...(options.dryRun ?? [])], 'DeleteOptions'),
  })
  const deleted = await deleteObject(core, write, options)
  if (!deleted.gone || returnsObject[resource.ref.group]?.includes(resource.ref.resource)) {
    return answerObject({ request, resource, status: 200, entry: deleted, now: core.clock.now() })
  }
  return answerValue(request, 200, goneStatus(resource, deleted))
}

/** What the client wants of a deletion, and a warning where what it left out may surprise it. Throws 400 and 422. */
export async function readDeletionOptions({ context, resource }: ResourceCall): Promise<DeletionOptions> {
  const decoded = await readDecoded(context.request, { strict: false })
  const options = deletionOptions(decoded?.value, context.request.query)
  const saysNothing = options.propagationPolicy === undefined && options.orphanDependents === undefined
  if (resource.orphanWarning !== undefined && saysNothing) context.warnings.push(resource.orphanWarning)
  return options
}

function goneStatus({ ref }: Resource, { object }: Deleted) {
  const { name, uid } = object.metadata
  const details = { name, ...(ref.group && { group: ref.group }), kind: ref.resource, uid }
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details }
}
