import type { Pod } from '../../../shared/api/core.ts'
import { podLimits, podRequests } from '../../../shared/machinery/pod-resources.ts'
import type { ResourceList } from '../../../shared/machinery/resource-list.ts'
import type { PodStatus } from '../status/pod-status.ts'
import { milliOf } from '../resources/quantities.ts'
import { podResources } from '../resources/resources.ts'

/**
 * What a status tells of the pod as a whole: what it is granted, and what its containers have together once they run
 * (kubelet_pods.go, convertToAPIPodLevelResourcesStatus).
 */
export function wholeStatus(
  granted: Pod,
  actuated: Pod,
): Required<Pick<PodStatus, 'resources'>> & Pick<PodStatus, 'allocatedResources'> {
  const allocated = podRequests(granted.spec)
  const resources =
    granted.status?.phase === 'Running' ? inForce(granted, actuated) : some(allocated, podLimits(granted.spec))
  return { resources, ...(Object.keys(allocated).length > 0 && { allocatedResources: allocated }) }
}

/** Of CPU and memory what the containers run with; a sum of limits is told only if it is one. */
function inForce({ spec: { resources } }: Pod, actuated: Pod) {
  const [requests, limits] = [podRequests(actuated.spec), podLimits(actuated.spec)]
  const { cpuQuota, memoryLimit } = podResources(actuated)
  const take = (list: ResourceList, name: string, told: boolean) =>
    told && list[name] !== undefined ? { [name]: list[name] } : {}
  return some(
    {
      ...resources?.requests,
      // Less than the kernel tells apart from nothing is not told.
      ...take(requests, 'cpu', milliOf(requests['cpu']) > 2),
      ...take(requests, 'memory', true),
    },
    { ...resources?.limits, ...take(limits, 'cpu', cpuQuota > 0), ...take(limits, 'memory', memoryLimit > 0) },
  )
}

const some = (requests: ResourceList, limits: ResourceList) => ({
  ...(Object.keys(requests).length > 0 && { requests }),
  ...(Object.keys(limits).length > 0 && { limits }),
})
