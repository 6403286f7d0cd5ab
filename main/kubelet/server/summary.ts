import { toTime } from '../../../shared/machinery/clock.ts'
import type { VolumeUsage } from '../host.ts'
import type { ContainerReading, PodReading } from './readings.ts'

interface SummaryInput {
  nodeName: string
  /** Milliseconds since the epoch. */
  now: number
  startTime: number
  /** Bytes. */
  nodeMemory: number
  pods: readonly PodReading[]
  /** By pod uid; left out where nobody asked for it. */
  volumes: ReadonlyMap<string, ReadonlyMap<string, VolumeUsage>>
}

/** `/stats/summary` (k8s.io/kubelet/pkg/apis/stats/v1alpha1). What a node uses is what its pods use. */
export function summary({ nodeName, now, startTime, nodeMemory, pods, volumes }: SummaryInput): object {
  const time = toTime(now)
  const all = pods.flatMap(({ containers }) => containers)
  const node = totals(all, time)
  return {
    node: {
      nodeName,
      startTime: toTime(startTime),
      cpu: node.cpu,
      memory: { ...node.memory, availableBytes: Math.max(0, nodeMemory - node.memory.workingSetBytes) },
    },
    pods: pods.map(({ pod, containers, network }) => {
      const { name, namespace = '', uid } = pod.metadata
      return {
        podRef: { name, namespace, uid },
        startTime: pod.status?.startTime ?? null,
        containers: containers.map(reading => ({
          name: reading.record.name,
          startTime: toTime(reading.record.startedAt),
          ...totals([reading], toTime(reading.usage.at)),
        })),
        ...totals(containers, time),
        ...(network && { network: { time, name: 'eth0', ...network, interfaces: [{ name: 'eth0', ...network }] } }),
        volume: [...(volumes.get(uid) ?? [])].map(([volume, usage]) => volumeStats(volume, usage, time)),
        process_stats: { process_count: containers.reduce((sum, { usage }) => sum + usage.processes, 0) },
      }
    }),
  }
}

function volumeStats(name: string, { inMemory: _, ...usage }: VolumeUsage, time: string) {
  return { time, ...usage, name }
}

function totals(readings: readonly ContainerReading[], time: string) {
  const sum = (of: (reading: ContainerReading) => number) => readings.reduce((total, each) => total + of(each), 0)
  return {
    cpu: {
      time,
      usageNanoCores: sum(({ nanoCores }) => nanoCores),
      usageCoreNanoSeconds: sum(({ usage }) => usage.cpuNanos),
    },
    memory: {
      time,
      usageBytes: sum(({ usage }) => usage.memory.usageBytes),
      workingSetBytes: sum(({ usage }) => usage.memory.workingSetBytes),
      rssBytes: sum(({ usage }) => usage.memory.rssBytes),
      pageFaults: sum(({ usage }) => usage.memory.pageFaults),
      majorPageFaults: sum(({ usage }) => usage.memory.majorPageFaults),
    },
  }
}
