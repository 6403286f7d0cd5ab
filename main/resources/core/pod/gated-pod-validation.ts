import type { PodSpec } from '../../../../shared/api/core.ts'
import type { StatusCause } from '../../../../shared/api/object.ts'
import { index, invalid } from '../../../../shared/machinery/field-errors.ts'
import { jsonEqual } from '../../../../shared/machinery/json-value.ts'

type NodeAffinity = NonNullable<NonNullable<PodSpec['affinity']>['nodeAffinity']>
type Term = NonNullable<NodeAffinity['requiredDuringSchedulingIgnoredDuringExecution']>['nodeSelectorTerms'][number]

/**
 * A pod that waits at a scheduling gate may narrow down the nodes it can go to (KEP-3838). Returns what is wrong with
 * that, and the spec with these parts put back, so that the rest can be compared.
 */
export function validateGatedChanges(now: PodSpec, before: PodSpec): { faults: StatusCause[]; spec: PodSpec } {
  if ((before.schedulingGates ?? []).length === 0) return { faults: [], spec: now }
  const faults = [...validateNodeSelector(now, before), ...validateNodeAffinity(now, before)]
  const { nodeAffinity } = before.affinity ?? {}
  const { nodeAffinity: _changed, ...others } = now.affinity ?? {}
  const emptied = Object.keys(others).length === 0 && nodeAffinity === undefined
  const affinity = emptied ? before.affinity : { ...others, ...(nodeAffinity && { nodeAffinity }) }
  const { affinity: _affinity, nodeSelector: _selector, ...rest } = now
  const { nodeSelector } = before
  return { faults, spec: { ...rest, ...(nodeSelector && { nodeSelector }), ...(affinity && { affinity }) } }
}

function validateNodeSelector({ nodeSelector: now }: PodSpec, { nodeSelector: before = {} }: PodSpec): StatusCause[] {
  const kept = Object.entries(before).every(([label, value]) => now?.[label] === value)
  const detail = 'only additions to spec.nodeSelector are allowed (no mutations or deletions)'
  return kept ? [] : [invalid('spec.nodeSelector', now, detail)]
}

function validateNodeAffinity(now: PodSpec, before: PodSpec): StatusCause[] {
  const termsOf = ({ affinity }: PodSpec) =>
    affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? []
  const path = 'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms'
  const old = termsOf(before)
  const terms = termsOf(now)
  if (old.length === 0) return []
  if (terms.length !== old.length) {
    return [
      invalid(
        path,
        terms.length > 0 ? terms : null,
        'no additions/deletions to non-empty NodeSelectorTerms list are allowed',
      ),
    ]
  }
  return terms.flatMap((term, i) => {
    const was = old[i]
    if (!was || onlyAdds(term, was)) return []
    return [invalid(index(path, i), term, 'only additions are allowed (no mutations or deletions)')]
  })
}

function onlyAdds(now: Term, before: Term): boolean {
  const lists = (['matchExpressions', 'matchFields'] as const).map(
    field => [now[field] ?? [], before[field] ?? []] as const,
  )
  const wasEmpty = lists.every(([, old]) => old.length === 0)
  if (wasEmpty) return lists.every(([list]) => list.length === 0)
  return lists.every(([list, old]) => jsonEqual(list.slice(0, old.length), old))
}
