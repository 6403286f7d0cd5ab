import type { Node, Pod, PodSpec } from '../../../shared/api/core.ts'
import { unresolvable, type Filter } from './filter.ts'

type NodeAffinity = NonNullable<NonNullable<PodSpec['affinity']>['nodeAffinity']>
type Term = NonNullable<NodeAffinity['requiredDuringSchedulingIgnoredDuringExecution']>['nodeSelectorTerms'][number]
type Expression = NonNullable<Term['matchExpressions']>[number]

/** The pod's nodeSelector and required node affinity (nodeaffinity/node_affinity.go). */
export const nodeAffinity: Filter = {
  name: 'NodeAffinity',
  reasons: (pod, { node }) =>
    matchesRequiredAffinity(pod, node) ? [] : unresolvable("node(s) didn't match Pod's node affinity/selector"),
}

/** Whether a node meets the pod's nodeSelector and required node affinity. */
function matchesRequiredAffinity(pod: Pod, node: Node): boolean {
  const labels = node.metadata.labels ?? {}
  if (Object.entries(pod.spec.nodeSelector ?? {}).some(([key, value]) => labels[key] !== value)) return false
  const required = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  return !required || required.nodeSelectorTerms.some(term => matchesTerm(term, node))
}

/** Terms are alternatives; everything within one must hold, and an empty one holds nowhere (component-helpers nodeaffinity). */
export function matchesTerm({ matchExpressions = [], matchFields = [] }: Term, node: Node): boolean {
  if (matchExpressions.length + matchFields.length === 0) return false
  const fields = { 'metadata.name': node.metadata.name }
  return (
    matchExpressions.every(expression => matches(expression, node.metadata.labels ?? {})) &&
    matchFields.every(expression => matches(expression, fields))
  )
}

function matches({ key, operator, values = [] }: Expression, labels: Record<string, string>): boolean {
  const value = labels[key]
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    case 'Gt':
    case 'Lt': {
      const limit = values[0] ?? ''
      if (value === undefined || !integer.test(value) || !integer.test(limit)) return false
      return operator === 'Gt' ? BigInt(value) > BigInt(limit) : BigInt(value) < BigInt(limit)
    }
    default:
      return false
  }
}

const integer = /^-?\d+$/
