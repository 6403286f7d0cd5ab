import { podRequests } from '../../../shared/machinery/pod-resources.ts'
import type { ResourceList } from '../../../shared/machinery/resource-list.ts'
import { milliOf, valueOf } from '../resources/quantities.ts'
import type { AdmissionInput, Refusal } from './admission.ts'

const amountOf = (name: string, list: ResourceList) => (name === 'cpu' ? milliOf(list[name]) : valueOf(list[name]))

/** Those of upstream's messages that come first; extended resources follow. */
const first = ['cpu', 'memory', 'ephemeral-storage']

/** The first resource of which the node has not enough left; extended ones that it does not know are no affair of its. */
export function insufficientResource({ pod, node, others }: AdmissionInput): Refusal | undefined {
  const allocatable = node.status?.allocatable ?? {}
  const wanted = podRequests(pod.spec)
  const taken = others.map(({ spec }) => podRequests(spec))
  const short = (resource: string, requested: number, used: number): Refusal | undefined => {
    const capacity = amountOf(resource, allocatable)
    if (requested === 0 || requested <= capacity - used) return undefined
    const message = `Node didn't have enough resource: ${resource}, requested: ${requested}, used: ${used}, capacity: ${capacity}`
    return { reason: `OutOf${resource}`, message }
  }
  const extended = Object.keys(wanted).filter(
    name => !first.includes(name) && (name in allocatable || name.startsWith('hugepages-')),
  )
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
