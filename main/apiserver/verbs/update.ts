import type { KubeObject } from '../../../shared/api/object.ts'
import { copyJson } from '../../../shared/machinery/json-value.ts'
import { conflict, invalid } from '../../../shared/machinery/status.ts'
import { StoreError } from '../../store/store.ts'
import { answerObject } from '../codec/answer.ts'
import { readDecoded } from '../codec/body.ts'
import { decodeObject, fieldValidationOf } from '../codec/decode-object.ts'
import { subjectOf, type Write, type Written } from '../registry/core.ts'
import { createObject } from '../registry/create.ts'
import { recordKey } from '../registry/records.ts'
import { checkIdentity, updateObject } from '../registry/update.ts'
import type { ServerResponse } from '../request.ts'
import { fieldManagerOf } from './field-manager.ts'
import { writeOf, type ResourceCall } from './resource-call.ts'

/** PUT on an object or its `/status`. */
export async function update(call: ResourceCall): Promise<ServerResponse> {
  const { core, context, resource } = call
  const { request } = context
  const write = writeOf(call, { manager: fieldManagerOf(request, 'UpdateOptions') })
  const validation = fieldValidationOf(request.query, 'UpdateOptions')
  const decoded = await readDecoded(request, { strict: validation !== 'Ignore' })
  const object = decodeObject(decoded, { resource, validation, warn: write.warn })
  const { status, entry } = await put(call, write, object)
  return answerObject({ request, resource, status, entry, now: core.clock.now() })
}

/** Replaces what is there; some kinds are created where nothing is (generic registry's Store.Update). */
async function put(call: ResourceCall, write: Write, object: KubeObject): Promise<{ status: number; entry: Written }> {
  const { core, context, resource, subresource } = call
  // That is said before anything is looked for.
  checkIdentity(write, object, undefined)
  const creates = resource.createOnUpdate === true && subresource === ''
  for (;;) {
    const existing = core.store.get(recordKey(resource, call))
    if (!creates || existing) {
      if (existing && resource.unconditionalUpdate === false) checkVersioned(write, object, existing.object)
      // Where there may be a second attempt, it must not start from what the first one changed.
      const once = Boolean(object.metadata.resourceVersion)
      const entry = await updateObject(core, write, old => {
        assertSame(write, object, old)
        return once ? object : copyJson(object)
      })
      return { status: 200, entry }
    }
    assertSame(write, object, undefined)
    await context.authorize('create')
    try {
      return { status: 201, entry: await createObject(core, write, unversioned(object)) }
    } catch (error) {
      // Someone else was faster: it is an update after all.
      if (!(error instanceof StoreError) || error.code !== 'alreadyExists') throw error
    }
  }
}

/** Throws 409 where the client means an object that is gone (handlers/update.go, preconditions). */
function assertSame({ resource, name }: Write, { metadata: { uid } }: KubeObject, old: KubeObject | undefined): void {
  if (!uid || uid === old?.metadata.uid) return
  const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${old?.metadata.uid ?? ''}`
  throw conflict(subjectOf(resource, name), why)
}

/** Throws 422 for an update that names no revision; of another object than the URL's, that is said first. */
function checkVersioned(write: Write, object: KubeObject, old: KubeObject): void {
  checkIdentity(write, object, old)
  if (object.metadata.resourceVersion) return
  const { group, resource } = write.resource.ref
  // Upstream writes the number as Go's %#v does, and the resource for the kind.
  const message = 'Invalid value: 0x0: must be specified for an update'
  const cause = { reason: 'FieldValueInvalid', message, field: 'metadata.resourceVersion' }
  throw invalid({ group, kind: resource, name: write.name }, [cause])
}

/** A private copy; the revision that a lost object had says nothing about its successor. */
function unversioned(object: KubeObject): KubeObject {
  const { metadata, ...rest } = copyJson(object)
  delete metadata.resourceVersion
  return { ...rest, metadata }
}
