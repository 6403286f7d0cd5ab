import { randomUUID } from 'node:crypto'
import type { KubeObject, Status } from '../../../../shared/api/object.ts'
import { quote } from '../../../../shared/machinery/field-errors.ts'
import { isObject, type JsonObject } from '../../../../shared/machinery/json-value.ts'
import type { AdmissionRequest } from '../admission.ts'
import { isNamespace, type Place } from '../matching/rules.ts'

/** A request as a webhook is asked about it: under a place that it has a rule for, with the objects in that form. */
export interface Asked {
  request: AdmissionRequest
  place: Place
  /** The kinds of what is sent, which for a subresource may not be the resource's own. */
  kind: Kind
  requestKind: Kind
  object: KubeObject | undefined
  old: KubeObject | undefined
}

/** meta/v1 GroupVersionKind. */
export interface Kind {
  group: string
  version: string
  kind: string
}

/** What a webhook says, checked (apiserver/pkg/admission/plugin/webhook/request). */
export interface Verdict {
  allowed: boolean
  result: Partial<Status> | undefined
  /** A JSON patch that is still to be parsed; '' for none. */
  patch: string
  warnings: readonly string[]
}

const operationOptions = { CREATE: 'CreateOptions', UPDATE: 'UpdateOptions', DELETE: 'DeleteOptions', CONNECT: '' }

/** The AdmissionReview to send, with its request's uid. */
export function reviewOf(version: string, asked: Asked): { uid: string; review: unknown } {
  const { request, place, kind, requestKind, object, old } = asked
  const { resource, subresource, operation, user, dryRun, connect } = request
  const { ref } = resource
  const uid = randomUUID()
  const name = request.name || object?.metadata.name || ''
  const options = operationOptions[operation]
  return {
    uid,
    review: {
      kind: 'AdmissionReview',
      apiVersion: `admission.k8s.io/${version}`,
      request: {
        uid,
        kind,
        resource: { group: place.group, version: place.version, resource: place.resource },
        ...(subresource !== '' && { subResource: subresource, requestSubResource: subresource }),
        requestKind,
        requestResource: { group: ref.group, version: ref.version, resource: ref.resource },
        ...(name !== '' && { name }),
        // A request about a namespace is in it.
        ...(isNamespace(ref) ? { namespace: name } : request.namespace !== '' && { namespace: request.namespace }),
        operation,
        userInfo: {
          username: user.name,
          ...(user.uid !== undefined && { uid: user.uid }),
          groups: user.groups,
          ...(user.extra && { extra: user.extra }),
        },
        object: connect ?? object ?? null,
        oldObject: old ?? null,
        dryRun,
        options:
          options === ''
            ? null
            : {
                kind: options,
                apiVersion: 'meta.k8s.io/v1',
                ...request.options?.(),
                ...(dryRun && { dryRun: ['All'] }),
              },
      },
    },
  }
}

interface Expected {
  uid: string
  version: string
  mutating: boolean
}

/** Reads a webhook's answer; throws an Error that says in which way it is none. */
export function verdictOf(answer: unknown, { uid, version, mutating }: Expected): Verdict {
  const review = isObject(answer) ? answer : {}
  const { response } = review
  if (!isObject(response)) throw new Error('webhook response was absent')
  if (version === 'v1') checkIdentity(review, response, uid)
  const patch = typeof response.patch === 'string' ? Buffer.from(response.patch, 'base64').toString() : ''
  const { patchType } = response
  if (version === 'v1') checkPatch({ patch, patchType, mutating })
  return {
    allowed: response.allowed === true,
    result: isObject(response.status) ? response.status : undefined,
    patch: mutating ? patch : '',
    warnings: Array.isArray(response.warnings) ? response.warnings.filter(text => typeof text === 'string') : [],
  }
}

function checkIdentity(review: JsonObject, response: JsonObject, uid: string): void {
  const got = typeof response.uid === 'string' ? response.uid : ''
  if (got !== uid) throw new Error(`expected response.uid=${quote(uid)}, got ${quote(got)}`)
  const { apiVersion = '', kind = '' } = review
  if (apiVersion === 'admission.k8s.io/v1' && kind === 'AdmissionReview') return
  const given = `${typeof apiVersion === 'string' ? apiVersion : ''}, Kind=${typeof kind === 'string' ? kind : ''}`
  throw new Error(`expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got ${given}`)
}

function checkPatch({ patch, patchType, mutating }: { patch: string; patchType: unknown; mutating: boolean }): void {
  const typed = patchType !== undefined && patchType !== null
  if (!mutating) {
    if (patch !== '') throw new Error('validating webhook may not return response.patch')
    if (typed) throw new Error('validating webhook may not return response.patchType')
    return
  }
  if (patch !== '' && !typed) throw new Error('webhook returned response.patch but not response.patchType')
  if (patch === '' && typed) throw new Error('webhook returned response.patchType but not response.patch')
  if (patchType === '') throw new Error('webhook returned invalid response.patchType of ""')
  if (typed && patchType !== 'JSONPatch') throw new Error(`unsupported patch type ${JSON.stringify(patchType)}`)
}
