import type { Pod } from '../../../../shared/api/core.ts'
import type { LabelSelector } from '../../../../shared/machinery/selectors.ts'

type PodAffinity = NonNullable<NonNullable<Pod['spec']['affinity']>['podAffinity']>

interface Keyed {
  labelSelector?: LabelSelector
  matchLabelKeys?: string[]
  mismatchLabelKeys?: string[]
}

/**
 * Adds the pod's own values of `matchLabelKeys` and `mismatchLabelKeys` to the selectors of affinity terms and spread
 * constraints (KEP-3633, KEP-3243).
 */
export function applyLabelKeys({ spec, metadata }: Pod): void {
  const { podAffinity, podAntiAffinity } = spec.affinity ?? {}
  const keyed: Keyed[] = [
    ...[podAffinity, podAntiAffinity].flatMap(affinity => (affinity ? termsOf(affinity) : [])),
    ...(spec.topologySpreadConstraints ?? []),
  ]
  for (const { labelSelector, matchLabelKeys = [], mismatchLabelKeys = [] } of keyed) {
    if (!labelSelector) continue
    const labels = metadata.labels ?? {}
    addExpressions(labelSelector, { keys: matchLabelKeys, operator: 'In', labels })
    addExpressions(labelSelector, { keys: mismatchLabelKeys, operator: 'NotIn', labels })
  }
}

function termsOf(affinity: PodAffinity): Keyed[] {
  const preferred = affinity.preferredDuringSchedulingIgnoredDuringExecution ?? []
  return [
    ...preferred.map(term => term.podAffinityTerm),
    ...(affinity.requiredDuringSchedulingIgnoredDuringExecution ?? []),
  ]
}

interface Addition {
  keys: string[]
  operator: 'In' | 'NotIn'
  labels: Record<string, string>
}

function addExpressions(selector: LabelSelector, { keys, operator, labels }: Addition): void {
  for (const key of keys) {
    const value = labels[key]
    if (value !== undefined) (selector.matchExpressions ??= []).push({ key, operator, values: [value] })
  }
}
