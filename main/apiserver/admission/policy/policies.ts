import type { MatchResources } from '../../../../shared/api/admissionregistration.ts'
import type { KubeObject } from '../../../../shared/api/object.ts'
import type { ResourceRef } from '../../../../shared/api/ref.ts'
import type { Store } from '../../../store/store.ts'
import { createLiveList } from '../../registry/live-list.ts'
import type { ParamKind, ParamRef } from '../../../resources/admissionregistration/param-validation.ts'

/** What both kinds of policies have that decides where they are asked. */
export interface Policy extends KubeObject {
  spec: { matchConstraints?: MatchResources; paramKind?: ParamKind; failurePolicy?: string }
}

/** What all bindings of policies have. */
export interface Binding extends KubeObject {
  spec: { policyName?: string; matchResources?: MatchResources; paramRef?: ParamRef }
}

/** A policy with what binds it; one that nothing binds does nothing and is left out. */
export interface Bound<P extends Policy, B extends Binding> {
  readonly policy: P
  readonly bindings: readonly B[]
}

/** The policies of a kind that are in force, in the order of their names. */
export interface Policies<P extends Policy, B extends Binding> extends Disposable {
  /** At once where there is nothing, or nothing new. */
  all(): readonly Bound<P, B>[] | Promise<readonly Bound<P, B>[]>
}

const none: readonly never[] = []

/** Policies with their bindings, put together anew when one of them changes. */
export function livePolicies<P extends Policy, B extends Binding>(
  store: Store,
  refs: { policies: ResourceRef<P>; bindings: ResourceRef<B> },
): Policies<P, B> {
  const policies = createLiveList<P, P>(store, refs.policies, objects => objects)
  const bindings = createLiveList<B, B>(store, refs.bindings, objects => objects)
  let known: { policies: readonly P[]; bindings: readonly B[]; bound: readonly Bound<P, B>[] } | undefined

  function join(all: readonly P[], binding: readonly B[]): readonly Bound<P, B>[] {
    if (all.length === 0 || binding.length === 0) return none
    if (known?.policies === all && known.bindings === binding) return known.bound
    const byPolicy = Map.groupBy(binding, ({ spec }) => spec.policyName ?? '')
    const bound = all.flatMap(policy => {
      const own = byPolicy.get(policy.metadata.name)
      return own ? [{ policy, bindings: own }] : []
    })
    known = { policies: all, bindings: binding, bound }
    return bound
  }

  return {
    all() {
      const all = policies.all()
      if (!(all instanceof Promise) && all.length === 0) return none
      const binding = bindings.all()
      if (all instanceof Promise || binding instanceof Promise) {
        return Promise.all([all, binding]).then(([one, other]) => join(one, other))
      }
      return join(all, binding)
    },
    [Symbol.dispose]() {
      policies[Symbol.dispose]()
      bindings[Symbol.dispose]()
    },
  }
}
