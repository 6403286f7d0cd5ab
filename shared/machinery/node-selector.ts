import type { Node, PodSpec } from '../api/core.ts'

type NodeAffinity = NonNullable<NonNullable<PodSpec['affinity']>['nodeAffinity']>
type Term = NonNullable<NodeAffinity['requiredDuringSchedulingIgnoredDuringExecution']>['nodeSelectorTerms'][number]

/** One requirement of a node selector term. */
export type NodeRequirement = NonNullable<Term['matchExpressions']>[number]

/** Whether a node has the labels and the affinity that a pod requires (component-helpers GetRequiredNodeAffinity). */
export function meetsRequiredAffinity({ nodeSelector = {}, affinity }: PodSpec, node: Node): boolean {
  const { labels = {} } = node.metadata
  if (!Object.entries(nodeSelector).every(([key, value]) => labels[key] === value)) return false
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  return !required || matchesTerms(required.nodeSelectorTerms, node)
}

/** Whether any term holds; everything within a term must (component-helpers nodeaffinity). */
export const matchesTerms = (terms: readonly Term[], node: Node) => terms.some(term => matchesTerm(term, node))

/** An empty term holds nowhere. */
export function matchesTerm(term: Term, node: Node): boolean {
  const { matchExpressions = [], matchFields = [] } = term
  return matchExpressions.length + matchFields.length > 0 && unmet(term, node).length === 0
}

/** The requirements of a term that the node does not meet. */
export function unmet({ matchExpressions = [], matchFields = [] }: Term, node: Node): NodeRequirement[] {
  const labels = node.metadata.labels ?? {}
  const fields = { 'metadata.name': node.metadata.name }
  return [
    ...matchExpressions.filter(each => !matches(each, labels)),
    ...matchFields.filter(each => !matches(each, fields)),
  ]
}

function matches({ key, operator, values = [] }: NodeRequirement, labels: Record<string, string>): boolean {
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
