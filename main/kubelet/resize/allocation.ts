import type { Container, Pod } from '../../../shared/api/core.ts'
import { excessResources, pickResources, sameResources } from '../../../shared/machinery/resource-list.ts'
import { previousStatus } from '../status/container-status.ts'
import { allContainers } from '../pod/pod-records.ts'

export type Resources = NonNullable<Container['resources']>

/** What the node has granted a pod, or what its containers run with. */
export interface Allocation {
  /** Of the pod as a whole, if it has any. */
  readonly pod?: Resources
  /** By container. */
  readonly containers: ReadonlyMap<string, Resources>
}

/** What the spec asks for. */
export const asked = (pod: Pod): Allocation => ({
  ...(pod.spec.resources && { pod: pod.spec.resources }),
  containers: new Map(allContainers(pod).map(c => [c.name, c.resources ?? {}])),
})

/**
 * What a kubelet before this one granted, as the status tells it; of what it does not tell, what the spec asks for. A
 * resize that was under way is decided once more.
 */
export function grantedBefore(pod: Pod): Allocation {
  const containers = allContainers(pod).map(({ name, resources = {} }): [string, Resources] => {
    const known = previousStatus(pod, name)
    if (!known?.resources) return [name, resources]
    const { limits } = known.resources
    const requests = known.allocatedResources
    return [name, { ...(limits && { limits }), ...(requests && { requests }) }]
  })
  const whole = wholeBefore(pod)
  return { ...(whole && { pod: whole }), containers: new Map(containers) }
}

/** The status tells sums even where the pod as a whole asks for nothing, and of requests with the pod's overhead. */
function wholeBefore({ spec, status }: Pod): Resources | undefined {
  const { resources } = spec
  if (!resources || !status?.resources) return resources
  const own = excessResources(status.allocatedResources ?? {}, spec.overhead ?? {})
  const { limits, requests } = resources
  const known = { ...requests, ...pickResources(own, name => requests?.[name] !== undefined) }
  return {
    ...(limits && { limits: { ...limits, ...pickResources(status.resources.limits ?? {}, name => name in limits) } }),
    ...(requests && { requests: known }),
  }
}

/** Whether two sets of requests and limits are the same amounts, however they are written. */
export function sameAmounts(a: Resources = {}, b: Resources = {}): boolean {
  return sameResources(a.limits ?? {}, b.limits ?? {}) && sameResources(a.requests ?? {}, b.requests ?? {})
}

/** Whether a pod is granted just what it asks for. */
export const isGranted = (pod: Pod, { pod: whole, containers }: Allocation): boolean =>
  sameAmounts(pod.spec.resources, whole) &&
  allContainers(pod).every(c => sameAmounts(c.resources, containers.get(c.name)))

/** The pod as it is granted. */
export function withAllocation(pod: Pod, allocation: Allocation | undefined): Pod {
  const { resources: _, ...spec } = pod.spec
  if (!allocation || isGranted(pod, allocation)) return pod
  const granted = (container: Container): Container => ({
    ...container,
    resources: allocation.containers.get(container.name) ?? {},
  })
  return {
    ...pod,
    spec: {
      ...spec,
      ...(allocation.pod && { resources: allocation.pod }),
      containers: spec.containers.map(granted),
      ...(spec.initContainers && { initContainers: spec.initContainers.map(granted) }),
    },
  }
}
