import { aggregateResources } from '../../../shared/machinery/pod-resources.ts'
import { addResources, type ResourceList } from '../../../shared/machinery/resource-list.ts'
import type { Pod } from '../../../shared/api/core.ts'
import { milliOf, valueOf } from '../quantities.ts'
import type { AdmissionInput, Refusal } from './admission.ts'

const amountOf = (name: string, list: ResourceList) => (name === 'cpu' ? milliOf(list[name]) : valueOf(list[name]))

/** Those of upstream's messages that come first; extended resources follow. */
const first = ['cpu', 'memory', 'ephemeral-storage']

/** The first resource of which the node has not enough left; extended ones that it does not know are no affair of its. */
export function insufficientResource({ pod, node, others }: AdmissionInput): Refusal | undefined {
  const allocatable = node.status?.allocatable ?? {}
  const wanted = podRequests(pod)
  const taken = others.map(podRequests)
  const short = (resource: string, requested: number, used: number): Refusal | undefined => {
    const capacity = amountOf(resource, allocatable)
    if (requested === 0 || requested <= capacity - used) return undefined
    const message = `Node didn't have enough resource: ${resource}, requested: ${requested}, used: ${used}, capacity: ${capacity}`
    return { reason: `OutOf${resource}`, message }
  }
  const extended = Object.keys(wanted).filter(name => !first.includes(name) && name in allocatable)
  return [...first, ...extended.sort()].reduce<Refusal | undefined>(
    (found, name) =>
      found ??
      short(
        name,
        amountOf(name, wanted),
        taken.reduce((sum, list) => sum + amountOf(name, list), 0),
      ),
    short('pods', 1, others.length),
  )
}

/** What a pod takes of its node (component-helpers/resource, PodRequests). */
function podRequests({ spec }: Pod): ResourceList {
  const own = { ...aggregateResources(spec, 'requests'), ...spec.resources?.requests }
  return addResources(own, spec.overhead ?? {})
}
