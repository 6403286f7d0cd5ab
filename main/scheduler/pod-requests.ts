import type { Container, Pod } from '../../shared/api/core.ts'
import { quantityMilli, quantityValue } from '../../shared/machinery/quantity.ts'

/** Amounts by resource name: CPU in thousandths, everything else in whole units. */
export type Amounts = Map<string, number>

type List = Record<string, string> | undefined

/** A resource list as numbers. */
export function amountsOf(list: List): Amounts {
  const entries = Object.entries(list ?? {})
  return new Map(entries.map(([name, text]) => [name, name === 'cpu' ? quantityMilli(text) : quantityValue(text)]))
}

/** What scoring assumes of containers that ask for nothing, so that they spread too (scheduler/util/pod_resources.go). */
const assumed: Amounts = new Map([
  ['cpu', 100],
  ['memory', 200 * 1024 * 1024],
])

/**
 * What a pod takes of a node (component-helpers/resource PodRequests): the containers and sidecars together, or the
 * highest moment of the initialisation if that is more; pod-level requests in place of those (KEP-2837); overhead on top.
 */
export function podRequests(pod: Pod): Amounts {
  return requestsOf(pod, container => effectiveRequests(pod, container))
}

/** The same with assumed minima, for scores only. */
export function scoredRequests(pod: Pod): Amounts {
  return requestsOf(pod, container => new Map([...assumed, ...effectiveRequests(pod, container)]))
}

/**
 * While a container is resized, the most of what is asked for, promised and in force counts; a size that the node can
 * never give does not (KEP-1287).
 */
function effectiveRequests({ status }: Pod, { name, resources, restartPolicy }: Container): Amounts {
  const asked = amountsOf(resources?.requests)
  const statuses = restartPolicy === 'Always' ? status?.initContainerStatuses : status?.containerStatuses
  const own = statuses?.find(each => each.name === name)
  if (!own?.resources) return asked
  const inForce = highest(amountsOf(own.resources.requests), amountsOf(own.allocatedResources))
  const isInfeasible = status?.conditions?.some(
    ({ type, reason }) => type === 'PodResizePending' && reason === 'Infeasible',
  )
  return isInfeasible ? inForce : highest(asked, inForce)
}

function requestsOf({ spec }: Pod, of: (container: Container) => Amounts): Amounts {
  let running: Amounts = new Map()
  for (const container of spec.containers) running = plus(running, of(container))

  let sidecars: Amounts = new Map()
  let peak: Amounts = new Map()
  for (const container of spec.initContainers ?? []) {
    const own = of(container)
    if (container.restartPolicy === 'Always') {
      running = plus(running, own)
      sidecars = plus(sidecars, own)
      peak = highest(peak, sidecars)
    } else peak = highest(peak, plus(sidecars, own))
  }
  const whole = new Map([...highest(running, peak), ...amountsOf(spec.resources?.requests)])
  return plus(whole, amountsOf(spec.overhead))
}

function plus(a: Amounts, b: Amounts): Amounts {
  const sum = new Map(a)
  for (const [name, amount] of b) sum.set(name, (sum.get(name) ?? 0) + amount)
  return sum
}

function highest(a: Amounts, b: Amounts): Amounts {
  const most = new Map(a)
  for (const [name, amount] of b) most.set(name, Math.max(most.get(name) ?? 0, amount))
  return most
}
