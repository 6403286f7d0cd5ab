/** One reason and how many nodes have it, from a FailedScheduling message. */
export interface NodeReason {
  nodes: number
  /** As the scheduler words it, `Insufficient memory`. */
  text: string
  kind:
    | 'memory'
    | 'cpu'
    | 'pods'
    | 'resource'
    | 'cordoned'
    | 'taint'
    | 'taints'
    | 'affinity'
    | 'notReady'
    | 'ports'
    | 'volume'
    | 'other'
  /** The resource or the taint. */
  detail: string
}

export interface Unschedulable {
  total: number
  reasons: NodeReason[]
}

/**
 * Reads `0/4 nodes are available: 2 Insufficient memory, 1 node(s) were unschedulable. preemption: …` (the FitError of
 * pkg/scheduler/framework/types.go). Undefined if it is worded otherwise.
 */
export function parseUnschedulable(message: string): Unschedulable | undefined {
  const match = /^0\/(\d+) nodes are available:?\s*(.*)$/s.exec(message)
  if (!match) return undefined
  const [, total = '0', rest = ''] = match
  const [list = ''] = rest.split(/\.\s*(?:[a-z ]+, )?(?:preemption:|$)/)
  // A comma inside a taint's braces or a sentence is no separator: a new reason starts with its count.
  const parts = list.split(/,\s+(?=\d+ )/)
  const reasons = parts.flatMap(part => {
    const reason = /^(\d+) (.+?)\.?$/s.exec(part.trim())
    if (reason) return [classify(Number(reason[1]), reason[2] ?? '')]
    // What is wrong with the pod itself comes without a count and is true of every node.
    return part.trim() ? [classify(Number(total), part.trim())] : []
  })
  return { total: Number(total), reasons: reasons.toSorted((a, b) => b.nodes - a.nodes) }
}

function classify(nodes: number, text: string): NodeReason {
  const insufficient = /^Insufficient (\S+)$/.exec(text)?.[1]
  if (insufficient === 'memory' || insufficient === 'cpu')
    return { nodes, text, kind: insufficient, detail: insufficient }
  if (insufficient) return { nodes, text, kind: 'resource', detail: insufficient }
  if (text === 'Too many pods') return { nodes, text, kind: 'pods', detail: '' }
  const taint = /taint\(?s?\)?\s*\{([^}]*)\}/.exec(text)?.[1]?.replace(/:\s*$/, '').trim()
  if (taint?.startsWith('node.kubernetes.io/unschedulable')) return { nodes, text, kind: 'cordoned', detail: '' }
  if (taint && /^node\.kubernetes\.io\/(not-ready|unreachable)/.test(taint))
    return { nodes, text, kind: 'notReady', detail: '' }
  if (taint !== undefined) return { nodes, text, kind: 'taint', detail: taint }
  // Since v1.34 the scheduler does not say which.
  if (/untolerated taint\(s\)$/.test(text)) return { nodes, text, kind: 'taints', detail: '' }
  if (/were unschedulable/.test(text)) return { nodes, text, kind: 'cordoned', detail: '' }
  if (/affinity|selector/.test(text)) return { nodes, text, kind: 'affinity', detail: '' }
  if (/free ports/.test(text)) return { nodes, text, kind: 'ports', detail: '' }
  if (/volume|persistentvolume/i.test(text)) return { nodes, text, kind: 'volume', detail: '' }
  return { nodes, text, kind: 'other', detail: text }
}
