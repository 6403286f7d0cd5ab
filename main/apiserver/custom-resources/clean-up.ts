import {
  customResourceDefinitions,
  isConditionTrue,
  type CustomResourceCondition,
  type CustomResourceDefinition,
} from '../../../shared/api/apiextensions.ts'
import type { Client } from '../../../shared/client/client.ts'
import { isNotFound } from '../../../shared/machinery/status.ts'
import { cleanupFinalizer } from '../../resources/apiextensions/custom-resource-definition.ts'
import { withCondition } from '../../resources/apiextensions/definition-condition.ts'
import type { Resource } from '../../resources/resource.ts'
import type { Store } from '../../store/store.ts'
import { createAdmission } from '../admission/admission.ts'
import type { Core } from '../registry/core.ts'
import { deleteObject } from '../registry/delete.ts'
import { recordPrefix, servedAll } from '../registry/records.ts'

interface CleanUp {
  core: Core
  client: Client
  /** How the definition's objects are stored; undefined where it was never established. */
  storage: Resource | undefined
}

/** Whether a definition waits for its objects to be deleted. */
export function isToBeCleanedUp({ metadata }: CustomResourceDefinition): boolean {
  return metadata.deletionTimestamp !== undefined && (metadata.finalizers ?? []).includes(cleanupFinalizer)
}

/**
 * Deletes the objects of a definition that is going, waits until the last one is gone, and lets the definition go
 * (controller/finalizer/crd_finalizer.go). Rejects where an object can't be deleted or the definition was changed meanwhile.
 */
export async function cleanUp(crd: CustomResourceDefinition, { core, client, storage }: CleanUp): Promise<void> {
  const write = (from: CustomResourceDefinition, change: Change) => setTerminating(client, core, from, change)
  const begun = await write(crd, {
    status: 'True',
    reason: 'InstanceDeletionInProgress',
    message: 'CustomResource deletion is in progress',
  })
  if (!storage || !isConditionTrue(crd, 'Established')) {
    await write(begun, {
      status: 'False',
      reason: 'NeverEstablished',
      message: 'resource was never established',
      end: true,
    })
    return
  }
  try {
    await deleteAll(core, storage)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    await write(begun, {
      status: 'True',
      reason: 'InstanceDeletionFailed',
      message: `could not issue all deletes: ${why}`,
    })
    throw error
  }
  await emptied(core.store, recordPrefix(storage))
  await write(begun, {
    status: 'False',
    reason: 'InstanceDeletionCompleted',
    message: 'removed all instances',
    end: true,
  })
}

interface Change extends Pick<CustomResourceCondition, 'status' | 'reason' | 'message'> {
  /** Takes the finalizer away. */
  end?: boolean
}

async function setTerminating(
  client: Client,
  { clock }: Core,
  crd: CustomResourceDefinition,
  { end = false, ...condition }: Change,
): Promise<CustomResourceDefinition> {
  const { metadata } = crd
  const finalizers = (metadata.finalizers ?? []).filter(one => !end || one !== cleanupFinalizer)
  const status = withCondition(crd.status, clock.now(), { type: 'Terminating', ...condition })
  return client.update(customResourceDefinitions, { ...crd, metadata: { ...metadata, finalizers }, status }, 'status')
}

/** Nobody is asked about these deletions: whoever may delete the definition has decided. */
async function deleteAll(core: Core, storage: Resource): Promise<void> {
  const { entries } = await core.store.list(recordPrefix(storage))
  const unasked = { ...core, admission: createAdmission([]) }
  for (const { object } of await servedAll(storage, entries)) {
    const { name, namespace = '' } = object.metadata
    const at = { resource: storage, namespace, name, subresource: '', dryRun: false }
    const journal = { auditId: '', user: user.name, agent: 'apiserver', verb: 'delete', latency: 0 }
    const { group, resource } = storage.ref
    try {
      await deleteObject(
        unasked,
        { ...at, user, warn() {}, journal: () => ({ ...journal, resource: `${resource}.${group}`, namespace, name }) },
        {},
      )
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }
}

const user = { name: 'system:apiserver', groups: ['system:masters'] }

/** Resolves when nothing is left under a prefix, or the store stops. */
function emptied(store: Store, prefix: string): Promise<unknown> {
  const { promise, resolve } = Promise.withResolvers<undefined>()
  const check = () => {
    if (store.count(prefix) === 0) resolve(undefined)
  }
  const watch = store.watch(prefix, store.revision, { event: check, closed: () => resolve(undefined) })
  check()
  return promise.finally(() => {
    watch[Symbol.dispose]()
  })
}
