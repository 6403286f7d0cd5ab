import type { Container, Pod } from '../../../shared/api/core.ts'
import { hasPodLevelResources, podLimits, podRequests } from '../../../shared/machinery/pod-resources.ts'
import { defaultConfiguration } from '../configuration/kubelet-configuration.ts'
import { oomScoreAdj } from './oom-score.ts'
import { allContainers } from '../pod/pod-records.ts'
import { milliOf, valueOf } from './quantities.ts'
import { podQos } from './qos.ts'
import type { ContainerResources, PodResources } from '../runtime.ts'

/** The kernel's bounds for cpu.shares, and the shortest quota (pkg/kubelet/cm/helpers_linux.go). */
const minShares = 2
const maxShares = 262_144
const minQuota = 1000
const period = 100_000

const sharesOf = (milli: number) => Math.min(maxShares, Math.max(minShares, Math.floor((milli * 1024) / 1000)))
/** Microseconds in each period; none for 0. */
const quotaOf = (milli: number) => (milli === 0 ? 0 : Math.max(minQuota, (milli * period) / 1000))

/** A container's limits of CPU and memory: where it has none, the pod's own is the most that it can use (pkg/kubelet/util, GetLimits). */
export function effectiveLimits({ spec }: Pod, { resources }: Container): { cpu?: string; memory?: string } {
  const limit = (name: string) => {
    const own = resources?.limits?.[name]
    return milliOf(own) > 0 ? own : spec.resources?.limits?.[name]
  }
  const [cpu, memory] = [limit('cpu'), limit('memory')]
  return { ...(cpu !== undefined && { cpu }), ...(memory !== undefined && { memory }) }
}

/** Limits and requests as the engine takes them (kuberuntime_container_linux.go). `nodeMemory` in bytes. */
export function containerResources(pod: Pod, container: Container, nodeMemory: number): ContainerResources {
  const limits = effectiveLimits(pod, container)
  return {
    cpuShares: sharesOf(milliOf(container.resources?.requests?.cpu ?? limits.cpu)),
    cpuQuota: quotaOf(milliOf(limits.cpu)),
    memoryLimit: valueOf(limits.memory),
    oomScoreAdj: oomScoreAdj(pod, container, nodeMemory),
  }
}

/**
 * What all containers of a pod may use together (pkg/kubelet/cm ResourceConfigForPod). A sum of limits counts only if every
 * container has one. `processes` is the node's podPidsLimit.
 */
export function podResources(pod: Pod, { processes }: { processes?: number } = {}): PodResources {
  const { spec } = pod
  const [requests, limits] = [podRequests(spec), podLimits(spec)]
  const isLimited = (name: string) =>
    valueOf(spec.resources?.limits?.[name]) > 0 ||
    allContainers(pod).every(({ resources }) => valueOf(resources?.limits?.[name]) > 0)
  const bestEffort = podQos(pod) === 'BestEffort'
  const hugePages = Object.entries(limits).filter(([name]) => name.startsWith(hugePagesPrefix))
  return {
    cpuShares: bestEffort ? minShares : sharesOf(milliOf(requests['cpu'])),
    cpuQuota: !bestEffort && isLimited('cpu') ? quotaOf(milliOf(limits['cpu'])) : 0,
    memoryLimit: !bestEffort && isLimited('memory') ? valueOf(limits['memory']) : 0,
    hugePages: new Map(hugePages.map(([name, size]) => [valueOf(name.slice(hugePagesPrefix.length)), valueOf(size)])),
    ...(processes !== undefined && processes > 0 && { processes }),
  }
}

const hugePagesPrefix = 'hugepages-'

/**
 * Whether the containers of a pod have to be limited together: for all others their own limits do, and the pod starts
 * without a group that costs time to make.
 */
function needsGroup({ spec }: Pod): boolean {
  const usesHugePages = Object.keys(podLimits(spec)).some(name => name.startsWith(hugePagesPrefix))
  return hasPodLevelResources(spec) || usesHugePages
}

/**
 * What the group of a pod is limited to; undefined for pods that need none. For the sake of processes a pod gets one only if
 * somebody chose their number, since its containers are bounded anyway, and its other limits then stay theirs.
 */
export function groupResources(pod: Pod, podPidsLimit: number): PodResources | undefined {
  const resources = podResources(pod, { processes: podPidsLimit })
  if (needsGroup(pod)) return resources
  const isChosen = podPidsLimit > 0 && podPidsLimit !== defaultConfiguration.podPidsLimit
  return isChosen ? { ...resources, cpuQuota: 0, memoryLimit: 0 } : undefined
}
