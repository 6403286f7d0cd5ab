import type { Pod, PodSpec } from '../../api/core.ts'
import { compareQuantities } from '../quantity.ts'
import { meetsScope, type Scope } from './evaluator.ts'

/** Whether a pod is in a scope (pkg/quota/v1/evaluator/core/pods.go podMatchesScopeFunc). */
export function isPodInScope(scope: Scope, { spec }: Pod): boolean {
  switch (scope.scopeName) {
    case 'Terminating':
      return isTerminating(spec)
    case 'NotTerminating':
      return !isTerminating(spec)
    case 'BestEffort':
      return isBestEffort(spec)
    case 'NotBestEffort':
      return !isBestEffort(spec)
    case 'PriorityClass':
      return meetsScope(scope, spec.priorityClassName ? [spec.priorityClassName] : [])
    case 'CrossNamespacePodAffinity':
      return looksAcrossNamespaces(spec)
    default:
      return false
  }
}

/** Whether it ends by itself at some time. */
export function isTerminating({ activeDeadlineSeconds }: PodSpec): boolean {
  return activeDeadlineSeconds !== undefined && activeDeadlineSeconds >= 0
}

/** Nobody asks for CPU or memory (qos.ComputePodQOS); what is asked for the pod as a whole counts instead of its parts. */
function isBestEffort({ resources, containers, initContainers = [] }: PodSpec): boolean {
  const parts = resources ? [resources] : [...containers, ...initContainers].map(part => part.resources)
  const lists = parts.flatMap(part => [part?.requests, part?.limits])
  return lists.every(list => ['cpu', 'memory'].every(name => compareQuantities(list?.[name] ?? '0', '0') <= 0))
}

function looksAcrossNamespaces({ affinity }: PodSpec): boolean {
  const terms = [affinity?.podAffinity, affinity?.podAntiAffinity].flatMap(rules => [
    ...(rules?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
    ...(rules?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(weighted => weighted.podAffinityTerm),
  ])
  return terms.some(term => (term.namespaces ?? []).length > 0 || term.namespaceSelector !== undefined)
}
