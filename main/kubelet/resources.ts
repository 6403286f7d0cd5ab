import type { Container, Pod } from '../../shared/api/core.ts'
import { isCritical } from './critical.ts'
import { milliOf, valueOf } from './quantities.ts'
import { podQos } from './qos.ts'
import type { ContainerResources } from './runtime.ts'

/** Docker's and the kernel's floor for cpu.shares, and the shortest quota (pkg/kubelet/cm/helpers_linux.go). */
const minShares = 2
const minQuota = 1000
const period = 100_000

/** Limits and requests as the engine takes them (kuberuntime_container_linux.go). `nodeMemory` in bytes. */
export function containerResources(pod: Pod, container: Container, nodeMemory: number): ContainerResources {
  const { requests = {}, limits = {} } = container.resources ?? {}
  const cpuRequest = milliOf(requests.cpu ?? limits.cpu)
  const cpuLimit = milliOf(limits.cpu)
  return {
    cpuShares: Math.max(minShares, Math.floor((cpuRequest * 1024) / 1000)),
    cpuQuota: cpuLimit === 0 ? 0 : Math.max(minQuota, (cpuLimit * period) / 1000),
    memoryLimit: valueOf(limits.memory),
    oomScoreAdj: oomScoreAdj(pod, container, nodeMemory),
  }
}

/** Who the kernel kills first (pkg/kubelet/qos/policy.go, GetContainerOOMScoreAdjust). */
function oomScoreAdj(pod: Pod, container: Container, nodeMemory: number): number {
  if (isCritical(pod)) return -997
  const qos = podQos(pod)
  if (qos === 'Guaranteed') return -997
  if (qos === 'BestEffort') return 1000
  const { requests = {}, limits = {} } = container.resources ?? {}
  const request = valueOf(requests.memory ?? limits.memory)
  const score = nodeMemory > 0 ? 1000 - Math.floor((1000 * request) / nodeMemory) : 1000
  // Below 3 would be as safe as Guaranteed; 1000 is BestEffort's.
  return Math.min(999, Math.max(3, score))
}
