import type { ResourceQuota } from '../../../shared/api/core.ts'
import type { KubeObject } from '../../../shared/api/object.ts'
import type { ResourceRef } from '../../../shared/api/ref.ts'
import { isInScopes } from '../../../shared/machinery/quota/evaluator.ts'
import { quotaEvaluatorOf } from '../../../shared/machinery/quota/evaluators.ts'
import { addResources, pickResources, type ResourceList } from '../../../shared/machinery/resource-list.ts'

interface Known {
  kinds: readonly ResourceRef[]
  /** All objects of a kind in the quota's namespace. */
  list: (ref: ResourceRef) => readonly KubeObject[]
  now: number
}

/** What is in use of everything that a quota limits and that can be counted (apiserver/pkg/quota/v1 CalculateUsage). */
export function quotaUsage(quota: ResourceQuota, { kinds, list, now }: Known): ResourceList {
  const limited = Object.keys(quota.spec.hard ?? {})
  let used: ResourceList = {}
  for (const ref of kinds) {
    const evaluator = quotaEvaluatorOf(ref)
    const names = limited.filter(name => evaluator?.counts(name))
    if (!evaluator || names.length === 0) continue
    used = addResources(used, Object.fromEntries(names.map(name => [name, '0'])))
    for (const object of list(ref)) {
      if (!isInScopes(evaluator, quota, object)) continue
      used = addResources(
        used,
        pickResources(evaluator.usage(object, now), name => names.includes(name)),
      )
    }
  }
  return used
}
