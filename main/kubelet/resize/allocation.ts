import type { Container, Pod } from '../../../shared/api/core.ts'
import { sameResources } from '../../../shared/machinery/resource-list.ts'
import { previousStatus } from '../container-status.ts'
import { allContainers } from '../pod-records.ts'

export type Resources = NonNullable<Container['resources']>

/** Resources by container: what the node has granted a pod, or what its containers run with. */
export type Allocation = ReadonlyMap<string, Resources>

/** What the spec asks for. */
export const asked = (pod: Pod): Allocation => new Map(allContainers(pod).map(c => [c.name, c.resources ?? {}]))

/**
 * What a kubelet before this one granted, as the status tells it; of containers of which it tells nothing, what the spec
 * asks for. A resize that was under way is decided once more.
 */
export function grantedBefore(pod: Pod): Allocation {
  return new Map(
    allContainers(pod).map(({ name, resources = {} }) => {
      const known = previousStatus(pod, name)
      if (!known?.resources) return [name, resources]
      const { limits } = known.resources
      const requests = known.allocatedResources
      return [name, { ...(limits && { limits }), ...(requests && { requests }) }]
    }),
  )
}

/** Whether two sets of requests and limits are the same amounts, however they are written. */
export function sameAllocation(a: Resources = {}, b: Resources = {}): boolean {
  return sameResources(a.limits ?? {}, b.limits ?? {}) && sameResources(a.requests ?? {}, b.requests ?? {})
}

/** The pod as it is granted. */
export function withAllocation(pod: Pod, allocation: Allocation | undefined): Pod {
  const { spec } = pod
  if (!allocation || allContainers(pod).every(c => sameAllocation(c.resources, allocation.get(c.name)))) return pod
  const granted = (container: Container): Container => ({
    ...container,
    resources: allocation.get(container.name) ?? {},
  })
  return {
    ...pod,
    spec: {
      ...spec,
      containers: spec.containers.map(granted),
      ...(spec.initContainers && { initContainers: spec.initContainers.map(granted) }),
    },
  }
}
