import type { Container, Pod } from '../../../shared/api/core.ts'
import { aggregateResources } from '../../../shared/machinery/pod-resources.ts'
import { isCritical } from '../critical.ts'
import { allContainers, isSidecar } from '../pod/pod-records.ts'
import { podQos } from './qos.ts'
import { valueOf } from './quantities.ts'

const guaranteed = -997
const bestEffort = 1000
/** A burstable container is neither as safe as a guaranteed one nor as exposed as one of best effort. */
const [lowest, highest] = [1000 + guaranteed, bestEffort - 1]

const memoryRequest = ({ resources }: Container): number => valueOf(resources?.requests?.['memory'])

/**
 * Who the kernel kills first when the node is out of memory, from -1000 to 1000: those that asked for little of its
 * `nodeMemory` bytes (pkg/kubelet/qos/policy.go, GetContainerOOMScoreAdjust).
 */
export function oomScoreAdj(pod: Pod, container: Container, nodeMemory: number): number {
  if (isCritical(pod) && pod.spec.priorityClassName === 'system-node-critical') return guaranteed
  const qos = podQos(pod)
  if (qos === 'Guaranteed') return guaranteed
  if (qos === 'BestEffort' || nodeMemory === 0) return bestEffort
  const share = shareOfRest(pod)
  const scoreOf = (request: number) => 1000 - Math.trunc((1000 * (request + share)) / nodeMemory)
  // A sidecar outlives the containers that it is there for.
  const least = Math.min(...pod.spec.containers.map(memoryRequest))
  const sidecar = isSidecar(container) && (pod.spec.initContainers ?? []).some(c => c.name === container.name)
  const score = Math.min(scoreOf(memoryRequest(container)), sidecar ? scoreOf(least) : bestEffort)
  return score === bestEffort ? highest : Math.max(lowest, score)
}

/** What a pod asks for as a whole and its containers don't, in equal shares (remainingPodMemReqPerContainer). */
function shareOfRest(pod: Pod): number {
  const whole = valueOf(pod.spec.resources?.requests?.['memory'])
  if (whole === 0) return 0
  const rest = whole - valueOf(aggregateResources(pod.spec, 'requests')['memory'])
  return Math.trunc(rest / allContainers(pod).length)
}
