import type { Container, PodSpec } from '../api/core.ts'
import { compareQuantities } from './quantity.ts'
import { addResources, maxResources, pickResources, type ResourceList } from './resource-list.ts'

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

/** Resources that can be asked for the pod as a whole (KEP-2837). */
export const isPodLevelResource = (name: string): boolean =>
  name === 'cpu' || name === 'memory' || name.startsWith('hugepages-')

/** Whether any of them is (component-helpers resource IsPodLevelResourcesSet). */
export const hasPodLevelResources = ({ resources }: PodSpec): boolean =>
  Object.keys({ ...resources?.requests, ...resources?.limits }).some(isPodLevelResource)

const podLevel = ({ resources }: PodSpec, list: 'limits' | 'requests') =>
  pickResources(resources?.[list] ?? {}, isPodLevelResource)

/** What a pod takes of its node (component-helpers resource PodRequests): its own requests before those of its containers, and overhead. */
export function podRequests(spec: PodSpec): ResourceList {
  return addResources({ ...aggregateResources(spec, 'requests'), ...podLevel(spec, 'requests') }, spec.overhead ?? {})
}

/** What a pod may use, as far as anything of it is limited (PodLimits); overhead is added to limits that are there. */
export function podLimits(spec: PodSpec): ResourceList {
  const limits = { ...aggregateResources(spec, 'limits'), ...podLevel(spec, 'limits') }
  const isLimited = (name: string) => compareQuantities(limits[name] ?? '0', '0') > 0
  return addResources(limits, pickResources(spec.overhead ?? {}, isLimited))
}
