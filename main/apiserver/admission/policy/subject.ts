import type { KubeObject } from '../../../../shared/api/object.ts'
import { adaptAny } from '../../../../shared/machinery/cel/adapt.ts'
import { authorizerValue, resourceCheckValue } from '../../../../shared/machinery/cel/lib/authorizer.ts'
import type { Authorizer } from '../../../../shared/machinery/cel/lib/authorizer.ts'
import type { Value } from '../../../../shared/machinery/cel/value.ts'
import { reviewOf, type Asked } from '../webhooks/review.ts'

/** What expressions about a request look at. */
export interface Subject {
  readonly asked: Asked
  readonly namespace?: KubeObject | undefined
  /** Undefined where a policy has none: then `params` is null. */
  readonly params?: KubeObject | undefined
  readonly authorizer: Authorizer
}

/** The variables by name (apiserver/pkg/admission/plugin/cel/activation.go), each adapted when it is first asked for. */
export function variablesOf({ asked, namespace, params, authorizer }: Subject): (name: string) => Value | undefined {
  const { connect, resource, subresource, namespace: where, name } = asked.request
  const { group } = resource.ref
  const make: Readonly<Record<string, () => Value>> = {
    object: () => adaptAny(connect ?? asked.object),
    oldObject: () => adaptAny(asked.old),
    params: () => adaptAny(params),
    namespaceObject: () => adaptAny(namespace && exposed(namespace)),
    request: () => adaptAny(requestOf(asked)),
    authorizer: () => authorizerValue(authorizer),
    'authorizer.requestResource': () =>
      resourceCheckValue(authorizer, { group, resource: resource.ref.resource, subresource, namespace: where, name }),
  }
  const made = new Map<string, Value>()
  return variable => {
    const known = made.get(variable)
    if (known !== undefined) return known
    const value = Object.hasOwn(make, variable) ? make[variable]?.() : undefined
    if (value !== undefined) made.set(variable, value)
    return value
  }
}

/** The request without its objects, which are variables of their own. */
function requestOf(asked: Asked): unknown {
  const { request } = reviewOf('v1', asked).review as { request: Record<string, unknown> }
  const { object: _object, oldObject: _old, uid: _uid, ...rest } = request
  return rest
}

/** A namespace without what is none of a policy's business: who wrote it and who owns it. */
function exposed({ metadata, ...rest }: KubeObject): unknown {
  const { managedFields: _managed, ownerReferences: _owners, ...kept } = metadata
  return { ...rest, metadata: kept }
}
