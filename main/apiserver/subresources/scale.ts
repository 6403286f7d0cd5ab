import type { KubeObject } from '../../../shared/api/object.ts'
import { invalid as invalidValue } from '../../../shared/machinery/field-errors.ts'
import { apiVersionOf } from '../../../shared/api/ref.ts'
import { toTime } from '../../../shared/machinery/clock.ts'
import { copyJson, goValue, isObject, type JsonObject } from '../../../shared/machinery/json-value.ts'
import { ownersOf, type Owners } from '../../../shared/machinery/managed-fields/managers.ts'
import { parentOwners, scaleOwners } from '../../../shared/machinery/managed-fields/scale-owners.ts'
import { updateOwners, type FieldsType } from '../../../shared/machinery/managed-fields/update-owners.ts'
import { badRequest, conflict, invalid, notFound } from '../../../shared/machinery/status.ts'
import type { Schema } from '../../../shared/machinery/schema.ts'
import type { ScalePaths } from '../../resources/resource.ts'
import { schemaOf } from '../../resources/schemas.ts'
import { answerObject } from '../codec/answer.ts'
import { asObject, readDecoded } from '../codec/body.ts'
import { applyObject } from '../managed-fields/apply.ts'
import { setManagedFields, withoutManagedFields } from '../managed-fields/track.ts'
import { subjectOf, type Written } from '../registry/core.ts'
import { findRecord } from '../registry/records.ts'
import { updateObject } from '../registry/update.ts'
import type { ServerResponse } from '../request.ts'
import { modified } from '../to-status.ts'
import { applyType, readApplication } from '../verbs/apply.ts'
import { applyManagerOf, fieldManagerOf, refuseForce } from '../verbs/field-manager.ts'
import { patchTypeOf, readPatch } from '../verbs/patch-types.ts'
import { writeOf, type ResourceCall } from '../verbs/resource-call.ts'
import { scaleColumns, scaleOf, writePath, type Scale } from './scale-view.ts'
import type { Subresource } from './subresource.ts'

/** Lists of Scale have no merge keys. */
const schema: Schema = { type: 'object' }

/** `/scale`: a view of an object through which its replicas are read and set. */
export function scaleSubresource(paths: ScalePaths): Subresource {
  return {
    name: 'scale',
    kind: 'Scale',
    group: 'autoscaling',
    version: 'v1',
    verbs: {
      async get(call) {
        const found = await findRecord(call.core.store, call.resource, call)
        if (!found) throw notFound(subjectOf(call.resource, call.name))
        return answer(call, found.served, paths)
      },
      async update(call) {
        const manager = fieldManagerOf(call.context.request, 'UpdateOptions')
        const decoded = await readDecoded(call.context.request, { strict: false })
        const scale = asObject(decoded?.value, 'Scale')
        if (scale.kind !== undefined && scale.kind !== 'Scale') {
          throw badRequest(`expected input object type to be Scale, but ${goValue(scale.kind)}`)
        }
        return set(
          call,
          paths,
          written(call, manager, () => scale),
        )
      },
      async patch(call) {
        const { request } = call.context
        if (patchTypeOf(request) === applyType) return applyScale(call, paths)
        refuseForce(request)
        const manager = fieldManagerOf(request, 'PatchOptions')
        const { transform } = await readPatch(request, () => schema)
        return set(
          call,
          paths,
          written(call, manager, scale => transform(scale as unknown as JsonObject)),
        )
      },
    },
  }
}

/** A Scale as a request leaves it, and who owns it then. */
interface Changed {
  scale: unknown
  owners: Owners
}
type Change = (scale: Scale, owners: Owners) => Changed | Promise<Changed>

/** Its type, as far as owners matter. */
const typeOfScale = (): FieldsType => ({
  schema: schemaOf('io.k8s.api.autoscaling.v1.Scale'),
  apiVersion: 'autoscaling/v1',
  writable: fields => fields,
})

/** A change by other means than apply. Nobody is told as its maker where nobody owns the replicas, as upstream has it. */
function written({ core, name }: ResourceCall, manager: string, change: (scale: Scale) => unknown): Change {
  const by = {
    manager: manager || 'unknown',
    operation: 'Update',
    apiVersion: 'autoscaling/v1',
    subresource: 'scale',
  } as const
  return (old, owners) => {
    const scale = change(old)
    if (owners.length === 0) return { scale, owners }
    const next = { spec: { replicas: replicasOf(scale, name) } }
    const changed = { type: typeOfScale(), old: { spec: old.spec }, next, inVersion: () => undefined }
    return { scale, owners: updateOwners(changed, { owners, by, now: toTime(core.clock.now()) }) }
  }
}

async function applyScale(call: ResourceCall, paths: ScalePaths): Promise<ServerResponse> {
  const { core, context } = call
  const manager = applyManagerOf(context.request)
  const { value, force, checkText } = await readApplication(context.request, text => context.warnings.push(text))
  const zero = { metadata: {}, spec: {}, status: { replicas: 0 } }
  return set(call, paths, async (scale, owners) => {
    const live = scale as unknown as KubeObject
    const given = { type: typeOfScale(), kind: 'Scale', zero, live, owners, applied: value, now: core.clock.now() }
    const result = await applyObject({ ...given, manager, subresource: 'scale', force })
    checkText()
    return { scale: result.object, owners: result.owners }
  })
}

async function set(call: ResourceCall, paths: ScalePaths, change: Change): Promise<ServerResponse> {
  const apiVersion = apiVersionOf(call.resource.ref)
  const result = await updateObject(call.core, writeOf(call), async old => {
    const parent = { owners: ownersOf(old.metadata.managedFields), apiVersion, replicas: paths.specReplicas }
    const { scale, owners } = await change(scaleOf(old, paths), scaleOwners(parent))
    checkIdentity(call, scale, old)
    const object = copyJson(withoutManagedFields(old))
    delete object.metadata.resourceVersion
    writePath(object as unknown as JsonObject, paths.specReplicas, replicasOf(scale, call.name))
    setManagedFields(object, parentOwners(parent, owners))
    return object
  })
  return answer(call, result, paths)
}

function checkIdentity({ resource, name }: ResourceCall, scale: unknown, old: KubeObject): void {
  const metadata = isObject(scale) && isObject(scale.metadata) ? scale.metadata : {}
  if (metadata.name !== undefined && metadata.name !== name) {
    throw badRequest(`the name of the object (${goValue(metadata.name)}) does not match the name on the URL (${name})`)
  }
  const stale =
    metadata.resourceVersion !== undefined &&
    metadata.resourceVersion !== '' &&
    metadata.resourceVersion !== old.metadata.resourceVersion
  if (stale) throw conflict(subjectOf(resource, name), modified)
}

/** An absent number is zero, as in Go. */
function replicasOf(scale: unknown, name: string): number {
  const spec = isObject(scale) ? scale.spec : undefined
  const replicas = (isObject(spec) ? spec.replicas : undefined) ?? 0
  if (typeof replicas === 'number' && Number.isInteger(replicas) && replicas >= 0) return replicas
  if (typeof replicas !== 'number')
    throw badRequest('json: cannot unmarshal into Go struct field ScaleSpec.spec.replicas of type int32')
  const cause = invalidValue('spec.replicas', replicas, 'must be greater than or equal to 0')
  throw invalid({ group: 'autoscaling', kind: 'Scale', name }, [cause])
}

function answer(call: ResourceCall, { object }: Pick<Written, 'object'>, paths: ScalePaths): ServerResponse {
  const scale = scaleOf(object, paths) as unknown as KubeObject
  return answerObject({
    request: call.context.request,
    resource: { columns: scaleColumns },
    status: 200,
    entry: { object: scale, bytes: Buffer.from(JSON.stringify(scale)) },
    now: call.core.clock.now(),
  })
}
