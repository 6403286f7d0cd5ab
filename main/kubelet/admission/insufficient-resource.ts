import type { Pod } from '../../../shared/api/core.ts'
import { podRequests } from '../../../shared/machinery/pod-resources.ts'
import type { ResourceList } from '../../../shared/machinery/resource-list.ts'
import { milliOf, valueOf } from '../resources/quantities.ts'
import type { AdmissionInput, Shortage } from './admission.ts'

const amountOf = (name: string, list: ResourceList) => (name === 'cpu' ? milliOf(list[name]) : valueOf(list[name]))

/** By specs, which nobody changes: all pods of a node are asked for each new one, and adding up takes much longer than asking. */
const known = new WeakMap<Pod['spec'], ReadonlyMap<string, number>>()

function requestsOf({ spec }: Pod): ReadonlyMap<string, number> {
  const found = known.get(spec)
  if (found) return found
  const requests = podRequests(spec)
  const amounts = new Map(Object.keys(requests).map(name => [name, amountOf(name, requests)]))
  known.set(spec, amounts)
  return amounts
}

/** What a pod takes of a resource; it counts as one of `pods`. */
export const requestOf = (pod: Pod, resource: string): number =>
  resource === 'pods' ? 1 : (requestsOf(pod).get(resource) ?? 0)

/** Those of upstream's messages that come first; extended resources follow. */
const first = ['pods', 'cpu', 'memory', 'ephemeral-storage']

/** The resources of which the node has not enough left; extended ones that it does not know are no affair of its. */
export function insufficientResources({ pod, node, others }: AdmissionInput): Shortage[] {
  const allocatable = node.status?.allocatable ?? {}
  const extended = [...requestsOf(pod).keys()].filter(
    name => !first.includes(name) && (name in allocatable || name.startsWith('hugepages-')),
  )
  return [...first, ...extended.sort()].flatMap(resource => {
    const requested = requestOf(pod, resource)
    if (requested === 0) return []
    const used = others.reduce((sum, other) => sum + requestOf(other, resource), 0)
    const capacity = amountOf(resource, allocatable)
    return requested <= capacity - used ? [] : { resource, requested, used, capacity }
  })
}
