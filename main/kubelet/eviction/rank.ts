import type { Pod } from '../../../shared/api/core.ts'
import { podRequests } from '../../../shared/machinery/pod-resources.ts'
import { valueOf } from '../resources/quantities.ts'
import type { PodUsage } from './measure.ts'
import type { Starved } from './signals.ts'

function requestOf({ spec }: Pod, resource: Starved): number {
  return valueOf(podRequests(spec)[resource])
}

/**
 * Who goes first: those that use more than they asked for, then by priority, then by how much more
 * (pkg/kubelet/eviction/helpers.go, rankMemoryPressure and rankDiskPressureFunc). Of processes nobody can ask for any: then
 * by priority, and by their number (rankPIDPressure).
 */
export function rank(usages: readonly PodUsage[], resource: Starved): PodUsage[] {
  const rows = usages.map(usage => ({
    usage,
    excess: usage.total[resource] - requestOf(usage.pod, resource),
    priority: usage.pod.spec.priority ?? 0,
  }))
  const exceeds = (excess: number) => Number(resource !== 'pids' && excess > 0)
  return rows
    .sort((a, b) => exceeds(b.excess) - exceeds(a.excess) || a.priority - b.priority || b.excess - a.excess)
    .map(({ usage }) => usage)
}
