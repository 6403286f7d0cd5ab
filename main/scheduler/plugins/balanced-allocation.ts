import type { NodeInfo, Share } from '../node-info.ts'
import type { Plugin } from '../plugin.ts'

/** Prefers nodes whose CPU and memory come closer to being used alike (noderesources/balanced_allocation.go). */
export const balancedAllocation: Plugin = {
  name: 'NodeResourcesBalancedAllocation',
  score: {
    weight: 1,
    of({ requests }, infos) {
      const cpu = requests.get('cpu') ?? 0
      const memory = requests.get('memory') ?? 0
      if (cpu + memory === 0) return undefined // or they would all go to one node
      return infos.map(info => 50 + Math.trunc((50 + balance(info, cpu, memory) - balance(info, 0, 0)) / 2))
    },
  },
}

/** 100 if CPU and memory are used alike, 50 if one is used up and the other free. */
function balance(info: NodeInfo, cpu: number, memory: number): number {
  if (info.cpu.total === 0 || info.memory.total === 0) return 100
  const deviation = Math.abs(used(info.cpu, cpu) - used(info.memory, memory)) / 2
  return Math.trunc((1 - deviation) * 100)
}

const used = ({ total, requested }: Share, wanted: number) => Math.min(1, (requested + wanted) / total)
