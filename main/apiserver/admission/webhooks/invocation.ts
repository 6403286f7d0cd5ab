import type { MutatingWebhook, ValidatingWebhook } from '../../../../shared/api/admissionregistration.ts'
import type { KubeObject } from '../../../../shared/api/object.ts'
import { internalError } from '../../../../shared/machinery/status.ts'
import type { Resource } from '../../../resources/resource.ts'
import type { ResourceIndex } from '../../registry/resource-index.ts'
import type { AdmissionRequest } from '../admission.ts'
import type { Matcher } from '../matching/matcher.ts'
import type { Asked, Kind } from './review.ts'

/** Whether and in which form webhooks are asked about requests (plugin/webhook/generic/webhook.go, ShouldCallHook). */
export interface Invocations {
  /** The resource under whose place the webhook is asked, or undefined. Throws a StatusError where that can't be told. */
  resource(request: AdmissionRequest, webhook: ValidatingWebhook | MutatingWebhook): Resource | undefined
  /** What the webhook is sent: the objects in the form of that resource. */
  asked(request: AdmissionRequest, resource: Resource): Promise<Asked>
}

export function createInvocations({ matcher, index }: { matcher: Matcher; index: ResourceIndex }): Invocations {
  return {
    resource(request, webhook) {
      const { rules = [], matchPolicy = 'Equivalent', namespaceSelector = {}, objectSelector = {} } = webhook
      // To the matcher no rules are any.
      if (rules.length === 0) return undefined
      const place = matcher.match(request, { resourceRules: rules, matchPolicy, namespaceSelector, objectSelector })
      if (!place || place === request.resource.ref) return place && request.resource
      const other = index.find(place)
      if (!other)
        throw internalError(`unable to convert to ${place.group}/${place.version} ${place.resource}: unknown kind`)
      return other
    },
    async asked(request, resource) {
      const { object, old, resource: own } = request
      // An Eviction has the same form for all versions of pods.
      const form = request.kind ? own : resource
      const [current, previous] = await Promise.all([
        object && convertedTo(form, own, object),
        old && convertedTo(form, own, old),
      ])
      return {
        request,
        place: resource.ref,
        kind: kindOf(resource, request),
        requestKind: kindOf(own, request),
        object: current,
        old: previous,
      }
    },
  }
}

function kindOf({ ref: { group, version, kind } }: Resource, request: AdmissionRequest): Kind {
  const { connect } = request
  if (request.kind) return request.kind
  return connect ? { group: '', version: connect.apiVersion, kind: connect.kind } : { group, version, kind }
}

/** An object in the form of another version of its kind: the same object where it has that form already. */
export async function convertedTo(to: Resource, from: Resource, object: KubeObject): Promise<KubeObject> {
  if (to === from) return object
  const stored = from.stored ? await from.stored.toStorage(object) : object
  const [served] = to.stored ? await to.stored.fromStorage([stored]) : [stored]
  if (!served) throw internalError(`conversion lost ${object.metadata.name}`)
  return served
}
