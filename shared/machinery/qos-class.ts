import type { PodSpec } from '../api/core.ts'
import { addQuantities, compareQuantities, formatQuantity } from './quantity.ts'
import type { ResourceList } from './resource-list.ts'

type Resources = NonNullable<PodSpec['resources']>
const computed = ['cpu', 'memory']

/**
 * Guaranteed when every container limits CPU and memory and requests just that, BestEffort when nothing asks for
 * anything, Burstable otherwise (pkg/apis/core/helper/qos). Resources of the pod as a whole count instead of its containers'.
 */
export function qosClassOf({
  resources,
  containers,
  initContainers = [],
}: PodSpec): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const parts: Resources[] = resources
    ? [resources]
    : [...containers, ...initContainers].map(part => part.resources ?? {})
  const requests = sum(parts.map(part => part.requests))
  const limits = sum(parts.map(part => part.limits))
  const asked = Object.keys(requests)
  if (asked.length === 0 && Object.keys(limits).length === 0) return 'BestEffort'
  const allLimited =
    resources && !hasAny(resources.limits) ? true : parts.every(part => Object.keys(positive(part.limits)).length === 2)
  const same = asked.length === Object.keys(limits).length && asked.every(name => equal(requests[name], limits[name]))
  return allLimited && same ? 'Guaranteed' : 'Burstable'
}

const hasAny = (list: ResourceList | undefined) => Object.keys(list ?? {}).length > 0
const equal = (a: string | undefined, b: string | undefined) =>
  a !== undefined && b !== undefined && compareQuantities(a, b) === 0

/** CPU and memory that is more than nothing. */
function positive(list: ResourceList = {}): ResourceList {
  const entries = Object.entries(list).filter(
    ([name, value]) => computed.includes(name) && compareQuantities(value, 0) > 0,
  )
  return Object.fromEntries(entries)
}

function sum(lists: (ResourceList | undefined)[]): ResourceList {
  const total: Record<string, string> = {}
  for (const list of lists) {
    for (const [name, value] of Object.entries(positive(list))) {
      total[name] = formatQuantity(addQuantities(total[name] ?? '0', value))
    }
  }
  return total
}
