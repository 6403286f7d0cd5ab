import type { NodeInfo } from '../node-info.ts'
import type { Plugin } from '../plugin.ts'
import { scoredResources, type Amounts } from '../pod-requests.ts'

/** Prefers nodes whose CPU and memory come closer to being used alike (noderesources/balanced_allocation.go). */
export const balancedAllocation: Plugin = {
  name: 'NodeResourcesBalancedAllocation',
  score: {
    weight: 1,
    of({ requests }, infos) {
      if (scoredResources.every(name => !requests.get(name))) return undefined // or they would all go to one node
      return infos.map(info => {
        const gain = balance(info, requests) - balance(info, nothing)
        return 50 + Math.trunc((50 + gain) / 2)
      })
    },
  },
}

const nothing: Amounts = new Map()

/** 100 if all resources are used alike, 50 if one is used up and the other free. */
function balance({ allocatable, requested }: NodeInfo, wanted: Amounts): number {
  const used = scoredResources.flatMap(name => {
    const total = allocatable.get(name) ?? 0
    return total === 0 ? [] : [Math.min(1, ((requested.get(name) ?? 0) + (wanted.get(name) ?? 0)) / total)]
  })
  const [a, b] = used
  const deviation = a === undefined || b === undefined ? 0 : Math.abs(a - b) / 2
  return Math.trunc((1 - deviation) * 100)
}
