import type { KubeObject } from '../../../shared/api/object.ts'
import { invalid as invalidValue } from '../../../shared/machinery/field-errors.ts'
import { goValue, isObject, jsonEqual, type JsonObject } from '../../../shared/machinery/json-value.ts'
import { formatRequirements, requirementsOf } from '../../../shared/machinery/selectors.ts'
import { badRequest, conflict, invalid, notFound } from '../../../shared/machinery/status.ts'
import type { Schema } from '../../../shared/machinery/schema.ts'
import type { ScalePaths } from '../../resources/resource.ts'
import { answerValue } from '../codec/answer.ts'
import { asObject, readDecoded } from '../codec/body.ts'
import { subjectOf, type Written } from '../registry/core.ts'
import { findRecord } from '../registry/records.ts'
import { updateObject } from '../registry/update.ts'
import type { ServerResponse } from '../request.ts'
import { modified } from '../to-status.ts'
import { readPatch } from '../verbs/patch-types.ts'
import { writeOf, type ResourceCall } from '../verbs/resource-call.ts'
import type { Subresource } from './subresource.ts'

/** autoscaling/v1 Scale. */
interface Scale {
  kind: 'Scale'
  apiVersion: 'autoscaling/v1'
  metadata: Partial<KubeObject['metadata']>
  spec: { replicas?: number }
  status: { replicas: number; selector?: string }
}

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
        const decoded = await readDecoded(call.context.request, { strict: false })
        const scale = asObject(decoded?.value, 'Scale')
        if (scale.kind !== undefined && scale.kind !== 'Scale') {
          throw badRequest(`expected input object type to be Scale, but ${goValue(scale.kind)}`)
        }
        return set(call, paths, () => scale)
      },
      async patch(call) {
        const { transform } = await readPatch(call.context.request, () => schema)
        return set(call, paths, old => transform(scaleOf(old, paths) as unknown as JsonObject))
      },
    },
  }
}

async function set(
  call: ResourceCall,
  paths: ScalePaths,
  change: (old: KubeObject) => unknown,
): Promise<ServerResponse> {
  const written = await updateObject(call.core, writeOf(call), old => {
    const scale = change(old)
    checkIdentity(call, scale, old)
    const object = structuredClone(old)
    delete object.metadata.resourceVersion
    writePath(object as unknown as JsonObject, paths.specReplicas, replicasOf(scale, call.name))
    return object
  })
  return answer(call, written, paths)
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
  return answerValue(call.context.request, 200, scaleOf(object, paths))
}

/** The object as a Scale. */
function scaleOf(object: KubeObject, paths: ScalePaths): Scale {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata
  const selector = readPath(object, paths.selector)
  const labels =
    isObject(selector) && !jsonEqual(selector, {})
      ? formatRequirements(requirementsOf(paths.plainSelector ? { matchLabels: selector } : selector))
      : ''
  const replicas = readPath(object, paths.specReplicas)
  const current = readPath(object, paths.statusReplicas)
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: {
      name,
      ...(namespace !== undefined && { namespace }),
      uid,
      ...(resourceVersion !== undefined && { resourceVersion }),
      ...(creationTimestamp !== undefined && { creationTimestamp }),
    },
    spec: typeof replicas === 'number' ? { replicas } : {},
    status: { replicas: typeof current === 'number' ? current : 0, ...(labels !== '' && { selector: labels }) },
  }
}

function readPath(value: unknown, path: readonly string[]): unknown {
  return path.reduce((at, name) => (isObject(at) ? at[name] : undefined), value)
}

function writePath(object: JsonObject, path: readonly string[], value: unknown): void {
  const last = path.at(-1) ?? ''
  let at = object
  for (const name of path.slice(0, -1)) {
    const next = isObject(at[name]) ? at[name] : {}
    at[name] = next
    at = next
  }
  at[last] = value
}
