import type { Pod } from '../../shared/api/core.ts'
import { podRequests } from '../../shared/machinery/pod-resources.ts'
import { parseQuantity } from '../format/quantity.ts'

export interface Requested {
  pods: number
  /** In cores. */
  cpu: number
  /** In bytes. */
  memory: number
}

/** What the pods of each node ask for, by node name; pods that are over ask for nothing. */
export function requestedBy(pods: readonly Pod[]): Map<string, Requested> {
  const nodes = new Map<string, Requested>()
  for (const { spec, status } of pods) {
    if (!spec.nodeName || status?.phase === 'Succeeded' || status?.phase === 'Failed') continue
    const node = nodes.get(spec.nodeName) ?? { pods: 0, cpu: 0, memory: 0 }
    node.pods++
    const asked = podRequests(spec)
    node.cpu += parseQuantity(asked['cpu'])
    node.memory += parseQuantity(asked['memory'])
    nodes.set(spec.nodeName, node)
  }
  return nodes
}
