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

/** 100 if CPU and memory are used alike, 50 if one is used up and the other free. In the inner loop: allocates nothing. */
function balance({ allocatable, requested }: NodeInfo, wanted: Amounts): number {
  let first: number | undefined
  let deviation = 0
  for (const name of scoredResources) {
    const total = allocatable.get(name) ?? 0
    if (total === 0) continue
    const used = Math.min(1, ((requested.get(name) ?? 0) + (wanted.get(name) ?? 0)) / total)
    if (first === undefined) first = used
    else deviation = Math.abs(first - used) / 2
  }
  return Math.trunc((1 - deviation) * 100)
}
