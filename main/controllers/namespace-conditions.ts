import type { Namespace } from '../../shared/api/core.ts'
import { toTime } from '../../shared/machinery/clock.ts'
import { conditionOf } from './pod-state.ts'

type Condition = NonNullable<NonNullable<Namespace['status']>['conditions']>[number]

/** What an attempt to empty a namespace has left. */
export interface Remaining {
  /** Objects by kind (`pods`, `deployments.apps`). */
  resources: Map<string, number>
  /** Objects by finalizer. */
  finalizers: Map<string, number>
  failures: Error[]
}

/** The conditions of a namespace on its way out (pkg/controller/namespace/deletion/status_condition_utils.go). */
export function namespaceConditions(before: readonly Condition[], remaining: Remaining, now: number): Condition[] {
  const { resources, finalizers, failures } = remaining
  // Upstream joins resource and group by a dot, also where the core group makes that dot the end.
  const left = listed(resources, name => `${name.includes('.') ? name : `${name}.`} has`, 'resource instances')
  const blocking = listed(finalizers, name => `${name} in`, 'resource instances')
  const failed = failures.map(failure => failure.message).sort()
  const current = [
    judge('NamespaceDeletionDiscoveryFailure', false, ['ResourcesDiscovered', 'All resources successfully discovered']),
    judge('NamespaceDeletionGroupVersionParsingFailure', false, [
      'ParsedGroupVersions',
      'All legacy kube types successfully parsed',
    ]),
    failed.length > 0
      ? judge('NamespaceDeletionContentFailure', true, [
          'ContentDeletionFailed',
          `Failed to delete all resource types, ${failed.length} remaining: ${failed.join(', ')}`,
        ])
      : judge('NamespaceDeletionContentFailure', false, [
          'ContentDeleted',
          'All content successfully deleted, may be waiting on finalization',
        ]),
    left
      ? judge('NamespaceContentRemaining', true, ['SomeResourcesRemain', `Some resources are remaining: ${left}`])
      : judge('NamespaceContentRemaining', false, ['ContentRemoved', 'All content successfully removed']),
    blocking
      ? judge('NamespaceFinalizersRemaining', true, [
          'SomeFinalizersRemain',
          `Some content in the namespace has finalizers remaining: ${blocking}`,
        ])
      : judge('NamespaceFinalizersRemaining', false, ['ContentRemoved', 'All content successfully removed']),
  ]
  return current.map(condition => {
    const old = conditionOf(before, condition.type)
    const kept = old?.status === condition.status ? old.lastTransitionTime : undefined
    return { ...condition, lastTransitionTime: kept ?? toTime(now) }
  })
}

const judge = (type: string, is: boolean, [reason, message]: [string, string]): Condition => ({
  type,
  status: is ? 'True' : 'False',
  reason,
  message,
})

function listed(counts: Map<string, number>, subject: (name: string) => string, unit: string): string {
  return [...counts]
    .map(([name, count]) => `${subject(name)} ${count} ${unit}`)
    .sort()
    .join(', ')
}
