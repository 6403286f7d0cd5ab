import type { Node, PodSpec } from '../api/core.ts'

type NodeAffinity = NonNullable<NonNullable<PodSpec['affinity']>['nodeAffinity']>
type NodeSelector = NonNullable<NodeAffinity['requiredDuringSchedulingIgnoredDuringExecution']>
type Term = NodeSelector['nodeSelectorTerms'][number]
type Requirement = NonNullable<Term['matchExpressions']>[number]

const integer = /^-?\d+$/

/** Whether a node has the labels and the affinity that a pod requires (component-helpers GetRequiredNodeAffinity). */
export function meetsRequiredAffinity({ nodeSelector = {}, affinity }: PodSpec, node: Node): boolean {
  const { labels = {} } = node.metadata
  if (!Object.entries(nodeSelector).every(([key, value]) => labels[key] === value)) return false
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  return !required || matchesNodeSelector(required, node)
}

/** Whether any term of a selector holds for a node (component-helpers nodeaffinity); an empty term holds nowhere. */
export function matchesNodeSelector({ nodeSelectorTerms }: NodeSelector, node: Node): boolean {
  const { name, labels = {} } = node.metadata
  return nodeSelectorTerms.some(({ matchExpressions = [], matchFields = [] }) => {
    if (matchExpressions.length + matchFields.length === 0) return false
    const fields = { 'metadata.name': name }
    return matchExpressions.every(each => holds(each, labels)) && matchFields.every(each => holds(each, fields))
  })
}

function holds({ key, operator, values = [] }: Requirement, labels: Readonly<Record<string, string>>): boolean {
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
    default: {
      const limit = values[0] ?? ''
      if (value === undefined || !integer.test(value) || !integer.test(limit)) return false
      return operator === 'Gt' ? BigInt(value) > BigInt(limit) : BigInt(value) < BigInt(limit)
    }
  }
}
