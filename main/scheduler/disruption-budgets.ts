import type { PodDisruptionBudget } from '../../shared/api/policy.ts'
import { matchesRequirements, requirementsOf } from '../../shared/machinery/selectors.ts'
import type { PodInfo } from './pod-info.ts'

/**
 * Those of the pods, taken in this order, that their budgets do not let go (defaultpreemption
 * filterPodsWithPDBViolation). A pod whose eviction is under way counts no more, an empty selector means nobody.
 */
export function withoutBudget(pods: readonly PodInfo[], budgets: readonly PodDisruptionBudget[]): Set<PodInfo> {
  const open = budgets
    .map(({ metadata, spec, status }) => ({
      namespace: metadata.namespace ?? '',
      selector: requirementsOf(spec.selector),
      disrupted: status?.disruptedPods ?? {},
      left: status?.disruptionsAllowed ?? 0,
    }))
    .filter(({ selector }) => selector.length > 0)
  return new Set(
    pods.filter(({ pod, namespace }) => {
      const { name, labels } = pod.metadata
      const own = open.filter(
        budget =>
          budget.namespace === namespace &&
          Object.keys(labels ?? {}).length > 0 &&
          matchesRequirements(budget.selector, labels) &&
          !(name in budget.disrupted),
      )
      for (const budget of own) budget.left--
      return own.some(budget => budget.left < 0)
    }),
  )
}
