import type { Container, PodSpec } from '../api/core.ts'
import { addResources, maxResources, type ResourceList } from './resource-list.ts'

type Of = (container: Container) => ResourceList

/**
 * What the containers of a pod need together (component-helpers resource AggregateContainerRequests): containers and
 * sidecars at once, or the largest init container with the sidecars started before it. `of` tells what one asks for.
 */
export function aggregateResources(
  spec: PodSpec,
  list: 'limits' | 'requests',
  of: Of = container => container.resources?.[list] ?? {},
): ResourceList {
  let sidecars: ResourceList = {}
  let largest: ResourceList = {}
  for (const container of spec.initContainers ?? []) {
    const needed = addResources(sidecars, of(container))
    if (container.restartPolicy === 'Always') sidecars = needed
    largest = maxResources(largest, needed)
  }
  return maxResources(spec.containers.map(of).reduce(addResources, sidecars), largest)
}
