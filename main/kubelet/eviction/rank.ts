import type { Pod } from '../../../shared/api/core.ts'
import { podRequests } from '../../../shared/machinery/pod-resources.ts'
import { valueOf } from '../quantities.ts'
import { signals, type Crossed } from './thresholds.ts'

/** Bytes that a pod takes of what its node is short of; by container as far as they are its containers'. */
export interface PodUsage {
  pod: Pod
  total: number
  containers: ReadonlyMap<string, number>
}

type Resource = 'memory' | 'ephemeral-storage'

function requestOf({ spec }: Pod, resource: Resource): number {
  return valueOf(podRequests(spec)[resource])
}

/**
 * Who goes first: those that use more than they asked for, then by priority, then by how much more
 * (pkg/kubelet/eviction/helpers.go, rankMemoryPressure and rankDiskPressureFunc).
 */
export function rank(usages: readonly PodUsage[], resource: Resource): PodUsage[] {
  const rows = usages.map(usage => ({
    usage,
    excess: usage.total - requestOf(usage.pod, resource),
    priority: usage.pod.spec.priority ?? 0,
  }))
  return rows
    .sort((a, b) => Number(b.excess > 0) - Number(a.excess > 0) || a.priority - b.priority || b.excess - a.excess)
    .map(({ usage }) => usage)
}

/** What the evicted pod's status and event say (evictionMessage). */
export function evictionMessage({ pod, containers }: PodUsage, { signal, quantity, available }: Crossed): string {
  const { resource } = signals[signal]
  const blamed = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].flatMap(({ name, resources }) => {
    const used = containers.get(name) ?? 0
    const request = valueOf(resources?.requests?.[resource])
    if (used <= request) return []
    return `Container ${name} was using ${binary(used)}, request is ${binary(request)}, has larger consumption of ${resource}. `
  })
  const low = `The node was low on resource: ${resource}. `
  return `${low}Threshold quantity: ${binary(quantity)}, available: ${binary(available)}. ${blamed.join('')}`
}

const suffixes = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']

/** Bytes as a quantity with the greatest binary suffix that leaves a whole number. */
function binary(bytes: number): string {
  let [value, at] = [Math.round(bytes), 0]
  while (value !== 0 && value % 1024 === 0 && at < suffixes.length - 1) [value, at] = [value / 1024, at + 1]
  return `${value}${suffixes[at] ?? ''}`
}
