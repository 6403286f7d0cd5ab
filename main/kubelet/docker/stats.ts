import type Docker from 'dockerode'
import type { ContainerStats } from 'dockerode'
import type { ContainerUsage } from '../runtime.ts'
import { unlessGone } from './engine-errors.ts'

/** One reading of a container's counters; the engine is not asked to wait for a second one. */
export async function usageOf(docker: Docker, id: string): Promise<ContainerUsage | undefined> {
  const options = { stream: false, 'one-shot': true } as const
  const stats = await unlessGone(docker.getContainer(id).stats(options), 409)
  return stats && usageFrom(stats)
}

/** Undefined where the engine has nothing to tell: the container does not run. */
function usageFrom(stats: ContainerStats): ContainerUsage | undefined {
  const at = Date.parse(stats.read)
  const { usage, stats: details } = stats.memory_stats as { usage?: number; stats?: Record<string, number> }
  if (!(at > 0) || usage === undefined) return undefined
  // The names of cgroup v1 and v2 differ (cadvisor: container/libcontainer/handler.go).
  const counter = (...names: string[]) => names.map(name => details?.[name]).find(value => value !== undefined) ?? 0
  const inactive = counter('total_inactive_file', 'inactive_file')
  const networks = Object.values((stats.networks as ContainerStats['networks'] | undefined) ?? {})
  const sum = (of: (n: (typeof networks)[number]) => number) => networks.reduce((total, n) => total + of(n), 0)
  return {
    at,
    cpuNanos: stats.cpu_stats.cpu_usage.total_usage,
    memory: {
      usageBytes: usage,
      workingSetBytes: Math.max(0, usage - inactive),
      rssBytes: counter('total_rss', 'anon'),
      pageFaults: counter('total_pgfault', 'pgfault'),
      majorPageFaults: counter('total_pgmajfault', 'pgmajfault'),
    },
    ...(networks.length > 0 && {
      network: {
        rxBytes: sum(n => n.rx_bytes),
        rxErrors: sum(n => n.rx_errors),
        txBytes: sum(n => n.tx_bytes),
        txErrors: sum(n => n.tx_errors),
      },
    }),
    processes: stats.pids_stats?.current ?? 0,
  }
}
