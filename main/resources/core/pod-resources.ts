import type { Container, PodSpec } from '../../../shared/api/core.ts'
import { addQuantities, compareQuantities, formatQuantity } from '../../../shared/machinery/quantity.ts'
import { isSidecar, type ResourceList } from './pod-spec.ts'

/** Resources that can be asked for the pod as a whole (KEP-2837). */
export function isPodLevelResource(name: string): boolean {
  return name === 'cpu' || name === 'memory' || name.startsWith('hugepages-')
}

/**
 * What the containers of a pod need together (component-helpers resource AggregateContainerRequests): containers and
 * sidecars at once, or the largest init container with the sidecars started before it.
 */
export function aggregateResources(spec: PodSpec, list: 'limits' | 'requests'): ResourceList {
  const of = (container: Container): ResourceList => container.resources?.[list] ?? {}
  let sidecars: ResourceList = {}
  let largest: ResourceList = {}
  for (const container of spec.initContainers ?? []) {
    const needed = add(sidecars, of(container))
    if (isSidecar(container)) sidecars = needed
    largest = max(largest, needed)
  }
  return max(spec.containers.map(of).reduce(add, sidecars), largest)
}

function add(a: ResourceList, b: ResourceList): ResourceList {
  const sum = { ...a }
  for (const [name, value] of Object.entries(b)) sum[name] = formatQuantity(addQuantities(sum[name] ?? '0', value))
  return sum
}

function max(a: ResourceList, b: ResourceList): ResourceList {
  const result = { ...a }
  for (const [name, value] of Object.entries(b)) {
    const current = result[name]
    if (current === undefined || compareQuantities(value, current) > 0) result[name] = value
  }
  return result
}

/** Completes resources of the pod as a whole that are given in part (defaults.go defaultPodRequests, defaultHugePagePodLimits). */
export function defaultPodResources(spec: PodSpec): void {
  const { resources } = spec
  if (!resources) return
  const given = Object.keys(resources.limits ?? {}).length + Object.keys(resources.requests ?? {}).length
  if (given === 0) return
  const hugePages = Object.entries(aggregateResources(spec, 'limits')).filter(
    ([name]) => name.startsWith('hugepages-') && resources.requests?.[name] === undefined,
  )
  const limits = { ...Object.fromEntries(hugePages), ...resources.limits }
  if (Object.keys(limits).length === 0) return
  resources.limits = limits
  const shared = Object.entries(aggregateResources(spec, 'requests')).filter(
    ([name]) => name === 'cpu' || name === 'memory',
  )
  const limited = Object.entries(limits).filter(([name]) => isPodLevelResource(name))
  resources.requests = { ...Object.fromEntries(limited), ...Object.fromEntries(shared), ...resources.requests }
}
