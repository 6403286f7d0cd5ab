import type { KubeObject } from '../../../../shared/api/object.ts'
import { StatusError } from '../../../../shared/machinery/status.ts'
import type { Store } from '../../../store/store.ts'
import type { Authorizer } from '../../filters/authorize.ts'
import type { ResourceIndex } from '../../registry/resource-index.ts'
import type { AdmissionRequest } from '../admission.ts'
import { isExempt, type Matcher } from '../matching/matcher.ts'
import { isNamespace } from '../matching/rules.ts'
import { namespaceOf } from '../matching/selectors.ts'
import { createInvocations } from '../webhooks/invocation.ts'
import type { Asked } from '../webhooks/review.ts'
import { ConfigurationError, createParams } from './params.ts'
import type { Binding, Bound, Policy } from './policies.ts'

/** What both plugins work with. */
export interface PolicyParts {
  readonly store: Store
  readonly index: ResourceIndex
  readonly matcher: Matcher
  readonly authorizer: Authorizer
}

/** A policy asked about a request by one of its bindings, with one parameter object or none. */
export interface Invocation<P, B> {
  readonly policy: P
  readonly binding: B
  readonly params: KubeObject | undefined
  readonly asked: Asked
  readonly namespace: KubeObject | undefined
}

/** A policy that could not be asked; without a binding, whatever binds it. */
export interface Misconfigured<P, B> {
  readonly policy: P
  readonly binding: B | undefined
  readonly message: string
}

/** Finds out which policies are to be asked about a request, and with what. */
export interface Dispatch {
  invocations<P extends Policy, B extends Binding>(
    request: AdmissionRequest,
    bound: Bound<P, B>,
  ): Promise<{ invocations: Invocation<P, B>[]; misconfigured: Misconfigured<P, B>[] }>
}

/** Reviews are asked all the time and change nothing (pkg/kubeapiserver/admission/exclusion). */
const reviews = new Set(['authentication.k8s.io', 'authorization.k8s.io'])

export const isUnquestioned = (request: AdmissionRequest): boolean =>
  isExempt(request) || reviews.has(request.resource.ref.group)

export function createDispatch({ store, index, matcher }: PolicyParts): Dispatch {
  const forms = createInvocations({ matcher, index })
  const params = createParams({ store, index })
  return {
    async invocations(request, { policy, bindings }) {
      type P = typeof policy
      type B = (typeof bindings)[number]
      const misconfigured: Misconfigured<P, B>[] = []
      const invocations: Invocation<P, B>[] = []
      const place = configured(() => matcher.match(request, policy.spec.matchConstraints ?? {}))
      if ('fault' in place) {
        misconfigured.push({ policy, binding: undefined, message: `failed to configure policy: ${place.fault}` })
        return { invocations, misconfigured }
      }
      const resource =
        place.found && (place.found === request.resource.ref ? request.resource : index.find(place.found))
      if (!resource) return { invocations, misconfigured }
      let asked: Asked | undefined
      for (const binding of bindings) {
        try {
          const { matchResources, paramRef } = binding.spec
          if (matchResources && !matcher.match(request, matchResources)) continue
          const given = await params.find(policy.spec.paramKind, paramRef, scopeOf(request))
          if (given.length === 0) continue
          asked ??= await forms.asked(request, resource)
          const namespace = isNamespace(request.resource.ref) ? undefined : namespaceOf(store, request)
          for (const one of given) invocations.push({ policy, binding, params: one, asked, namespace })
        } catch (error) {
          if (!(error instanceof StatusError) && !(error instanceof ConfigurationError)) throw error
          misconfigured.push({ policy, binding, message: `failed to configure binding: ${error.message}` })
        }
      }
      return { invocations, misconfigured }
    },
  }
}

/** Parameters are found where the request is; one about a namespace is in it. */
const scopeOf = ({ resource, namespace, name }: AdmissionRequest) => (isNamespace(resource.ref) ? name : namespace)

function configured<T>(decide: () => T): { found: T } | { fault: string } {
  try {
    return { found: decide() }
  } catch (error) {
    if (error instanceof StatusError) return { fault: error.message }
    throw error
  }
}
