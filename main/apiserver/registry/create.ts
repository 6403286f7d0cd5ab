import { randomUUID } from 'node:crypto'
import type { KubeObject } from '../../../shared/api/object.ts'
import { toTime } from '../../../shared/machinery/clock.ts'
import { generateName } from '../../../shared/machinery/rand-name.ts'
import { badRequest, failure } from '../../../shared/machinery/status.ts'
import { StoreError } from '../../store/store.ts'
import { trackCreate } from '../managed-fields/track.ts'
import { withAllocations } from './allocation.ts'
import { strategyContext, subjectOf, unstored, type Core, type Write, type Written } from './core.ts'
import { dropRepeatedOwners } from './owner-references.ts'
import { createRecord, recordKey } from './records.ts'
import { assertValid } from './validity.ts'

/** How often a generated name that is taken is replaced (KEP-4420). */
const nameAttempts = 8

/**
 * Stores a new object, in the order of upstream's generic registry: admission, allocation, strategy, validation,
 * validating admission. `object` is private to the request and is changed. Throws StatusErrors and StoreErrors.
 */
export async function createObject(core: Core, write: Write, object: KubeObject): Promise<Written> {
  placeInNamespace(object, write)
  const { metadata } = object
  const generated = !metadata.name && metadata.generateName ? metadata.generateName : undefined
  beginMetadata(object, core)
  dropRepeatedOwners(object, write.warn)
  if (write.manager !== undefined) trackCreate(core, { ...write, manager: write.manager }, object)
  if (generated === undefined) return createOnce(core, write, object)
  for (let attempt = 1; ; attempt++) {
    const candidate = structuredClone(object)
    candidate.metadata.name = generateName(generated, core.random)
    try {
      return await createOnce(core, write, candidate)
    } catch (error) {
      if (!(error instanceof StoreError) || error.code !== 'alreadyExists') throw error
      if (attempt === nameAttempts) throw noUniqueName(write, candidate.metadata.name)
    }
  }
}

async function createOnce(core: Core, write: Write, object: KubeObject): Promise<Written> {
  const { resource, namespace, dryRun } = write
  const request = { ...write, operation: 'CREATE', name: object.metadata.name, object, old: undefined } as const
  await core.admission.mutate(request)
  return withAllocations(core.allocators, { ref: resource.ref, object, dryRun }, async () => {
    resource.prepareForCreate?.(object, strategyContext(core, write))
    assertValid(write, object)
    await core.admission.validate(request)
    assertUnversioned(object)
    const { name } = object.metadata
    const at = { namespace, name }
    if (!dryRun) {
      const options = { journal: write.journal(name), volatile: resource.volatile ?? false }
      return createRecord(core.store, { resource, at }, object, options)
    }
    const key = recordKey(resource, at)
    if (core.store.get(key)) throw new StoreError('alreadyExists', key)
    return unstored(object)
  })
}

/** The namespace of the URL counts; one in the object must be the same (rest.EnsureObjectNamespaceMatchesRequestNamespace). */
export function placeInNamespace(
  object: KubeObject,
  { resource, namespace }: Pick<Write, 'resource' | 'namespace'>,
): void {
  const { metadata } = object
  if (!resource.ref.namespaced) {
    delete metadata.namespace
    return
  }
  if (metadata.namespace && metadata.namespace !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
  }
  metadata.namespace = namespace
}

/** What the server alone decides about a new object (rest.FillObjectMetaSystemFields, BeforeCreate). */
function beginMetadata(object: KubeObject, core: Core): void {
  const { metadata } = object
  // A name that is still to be generated, or missing.
  if (!metadata.name) metadata.name = ''
  metadata.uid = randomUUID()
  metadata.creationTimestamp = toTime(core.clock.now())
  delete metadata.deletionTimestamp
  delete metadata.deletionGracePeriodSeconds
  delete metadata.selfLink
  delete metadata.generation
}

/** Upstream's storage refuses it, when all others have had their say (apiserver/pkg/storage/etcd3/store.go, Create). */
function assertUnversioned({ metadata }: KubeObject): void {
  if (metadata.resourceVersion) {
    throw failure({ code: 500, message: 'resourceVersion should not be set on objects to be created' })
  }
  delete metadata.resourceVersion
}

function noUniqueName({ resource }: Write, name: string) {
  const { resource: plural, group } = subjectOf(resource, name)
  return failure({
    code: 409,
    reason: 'AlreadyExists',
    message: `${group ? `${plural}.${group}` : plural} "${name}" already exists, the server was not able to generate a unique name for the object`,
    details: { name, ...(group && { group }), kind: plural, retryAfterSeconds: 1 },
  })
}
