import type { Pod } from '../../../shared/api/core.ts'
import type { NodeInfo } from '../node-infos.ts'
import { podRequests } from '../pod-requests.ts'
import type { Filter, Reason } from './filter.ts'

/** Whether the node has room: pods, CPU, memory, ephemeral storage, extended resources (noderesources/fit.go). */
export const nodeResourcesFit: Filter = { name: 'NodeResourcesFit', reasons: insufficient }

function insufficient(pod: Pod, { allocatable, requested, podCount }: NodeInfo): Reason[] {
  const reasons: Reason[] = []
  if (podCount + 1 > (allocatable.get('pods') ?? 0)) reasons.push({ message: 'Too many pods', unresolvable: false })
  for (const [name, amount] of podRequests(pod)) {
    const total = allocatable.get(name) ?? 0
    if (amount === 0 || amount <= total - (requested.get(name) ?? 0)) continue
    reasons.push({ message: `Insufficient ${name}`, unresolvable: amount > total })
  }
  return reasons
}
