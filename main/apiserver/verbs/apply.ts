import type { KubeObject } from '../../../shared/api/object.ts'
import { copyJson, isObject, type JsonObject } from '../../../shared/machinery/json-value.ts'
import { badRequest, conflict, StatusError } from '../../../shared/machinery/status.ts'
import { StoreError } from '../../store/store.ts'
import { zeroObject } from '../../resources/zero-object.ts'
import { answerObject } from '../codec/answer.ts'
import { assertModest, bodyLimit, decodeYaml } from '../codec/body.ts'
import { complete, fieldValidationOf, typeFault } from '../codec/decode-object.ts'
import { ownersOf } from '../../../shared/machinery/managed-fields/managers.ts'
import { applyObject, unconvertible } from '../managed-fields/apply.ts'
import { fieldsTypeOf } from '../managed-fields/fields-type.ts'
import { updateLastApplied } from '../managed-fields/last-applied.ts'
import { setManagedFields, withoutManagedFields } from '../managed-fields/track.ts'
import { otherVersions } from '../managed-fields/versions.ts'
import { subjectOf } from '../registry/core.ts'
import { createObject } from '../registry/create.ts'
import { recordKey } from '../registry/records.ts'
import { checkIdentity, updateObject } from '../registry/update.ts'
import type { ServerRequest, ServerResponse } from '../request.ts'
import { applyManagerOf } from './field-manager.ts'
import { writeOf, type ResourceCall } from './resource-call.ts'

export const applyType = 'application/apply-patch+yaml'

/** PATCH that applies (KEP-555): 200 with the object as it is after it, 201 where it makes the object. */
export async function apply(call: ResourceCall): Promise<ServerResponse> {
  const { core, context, resource, subresource } = call
  const { request } = context
  const manager = applyManagerOf(request)
  const write = writeOf(call)
  const application = await readApplication(request, write.warn)
  const at = { manager, application, now: core.clock.now() }
  for (;;) {
    if (subresource !== '' || core.store.get(recordKey(resource, call))) {
      const entry = await updateObject(core, write, live => applied(call, live, at))
      return answerObject({ request, resource, status: 200, entry, now: core.clock.now() })
    }
    const object = await applied(call, undefined, at)
    checkNew(call, object)
    await context.authorize('create')
    try {
      const entry = await createObject(core, write, object)
      return answerObject({ request, resource, status: 201, entry, now: core.clock.now() })
    } catch (error) {
      // Someone else was faster: it is applied to theirs.
      if (!(error instanceof StoreError) || error.code !== 'alreadyExists') throw error
    }
  }
}

/** What is applied, and how. */
export interface Application {
  value: JsonObject
  force: boolean
  /** Throws what strict decoding finds wrong with the text, which upstream looks at last. */
  checkText: () => void
}

/** Reads what is applied. Throws 400, 413 and 422. */
export async function readApplication(request: ServerRequest, warn: (text: string) => void): Promise<Application> {
  const validation = fieldValidationOf(request.query, 'PatchOptions')
  const force = ['true', '1', ''].includes(request.query.get('force') ?? 'false')
  if ('value' in request.body) {
    assertModest(request.body.value)
    return { value: asMap(copyJson(request.body.value)), force, checkText() {} }
  }
  const text = (await request.body.read(bodyLimit)).toString('utf8')
  const { value, repeated } = within('error decoding YAML', () => decodeYaml(text, validation !== 'Ignore'))
  if (validation === 'Warn') repeated.forEach(warn)
  return {
    value: asMap(value),
    force,
    checkText() {
      if (validation !== 'Strict' || repeated.length === 0) return
      const lines = repeated.map(line => `\n  ${line}`).join('')
      throw badRequest(`error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:${lines}`)
    },
  }
}

function within<T>(what: string, decode: () => T): T {
  try {
    return decode()
  } catch (error) {
    if (error instanceof StatusError && error.code === 400) throw badRequest(`${what}: ${error.message}`)
    throw error
  }
}

function asMap(value: unknown): JsonObject {
  if (isObject(value)) return value
  if (value === null || value === undefined) return {}
  const type = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value
  throw badRequest(
    `error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${type} into Go value of type map[string]interface {}`,
  )
}

interface At {
  manager: string
  application: Application
  now: number
}

/** The object as it is after the application, with its managed fields; private to the request. */
async function applied(
  { core: { index }, resource, subresource }: ResourceCall,
  live: KubeObject | undefined,
  at: At,
): Promise<KubeObject> {
  const { manager, application, now } = at
  const { value, force, checkText } = application
  const type = fieldsTypeOf(resource, subresource)
  const owners = ownersOf(live?.metadata.managedFields)
  const result = await applyObject({
    type,
    kind: resource.ref.kind,
    zero: zeroObject(resource),
    live,
    owners,
    applied: value,
    manager,
    subresource,
    force,
    now,
    elsewhere: (given, next) =>
      otherVersions({ index, resource, subresource, owners: given, old: live as KubeObject, next: next as KubeObject }),
  })
  checkText()
  const bare = isObject(result.object) ? withoutManagedFields(result.object as unknown as KubeObject) : {}
  const copy = copyJson(bare) as JsonObject
  const wrong = typeFault(resource, copy)
  if (wrong !== undefined) throw unconvertible(value, wrong)
  const object = complete(resource, copy)
  setManagedFields(object, result.owners)
  if (manager === 'kubectl') updateLastApplied(object, value)
  // Only an application that says so is about one version of the object.
  if (object.metadata.resourceVersion === live?.metadata.resourceVersion) delete object.metadata.resourceVersion
  return object
}

/** Throws what keeps an applied object from being a new one. */
function checkNew(call: ResourceCall, object: KubeObject): void {
  const { resource, name } = call
  const { uid } = object.metadata as { uid?: string }
  if (uid) {
    const why = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`
    throw conflict(subjectOf(resource, name), why)
  }
  delete object.metadata.resourceVersion
  checkIdentity(writeOf(call), object, undefined)
}
