import type { Node } from '../../../shared/api/core.ts'
import type { DeviceClass, ResourceClaim, ResourceSlice } from '../../../shared/api/resource.ts'
import { jsonEqual } from '../../../shared/machinery/json-value.ts'
import { untolerated } from '../../../shared/machinery/tolerations.ts'
import { resultOf } from './allocation-result.ts'
import { AllocationFault, attributeOf, selects } from './device-selector.ts'
import { deviceKey, supplyOf, type Offer } from './pools.ts'
import { alternativesOf, concerns, type Allocation, type Choice, type Request } from './requests.ts'

type Constraint = NonNullable<NonNullable<ResourceClaim['spec']['devices']>['constraints']>[number]

interface Demand {
  claims: readonly ResourceClaim[]
  node: Node
  slices: readonly ResourceSlice[]
  classOf: (name: string) => DeviceClass | undefined
  /** Devices in use, by their keys. */
  taken: ReadonlySet<string>
}

/** Steps of the search after which a node counts as unfit: upstream gives up after ten seconds. */
const patience = 50_000

/** How many devices a claim can have (AllocationResultsMaxSize). */
const mostDevices = 32

/**
 * Finds devices on a node for all claims together, trying one after the other and going back where constraints can't be
 * met (dynamic-resource-allocation/structured); undefined if there are none.
 * @throws AllocationFault if an expression fails, or all devices of a pool are asked for while it is being published.
 */
export function allocate({ claims, node, slices, classOf, taken }: Demand): Allocation[] | undefined {
  const { offers, isComplete } = supplyOf(node, slices)
  const used = new Set<string>()
  const chosen: Choice[][] = claims.map(() => [])
  let steps = 0

  const isFree = ({ adminAccess }: Request, key: string) => adminAccess || (!taken.has(key) && !used.has(key))

  function suitable(request: Request): Offer[] {
    const selectors = [...(classOf(request.deviceClassName)?.spec.selectors ?? []), ...(request.selectors ?? [])]
    return offers.filter(
      ({ device, driver }) =>
        selectors.every(({ cel }) => !cel || selects(cel.expression, device, driver)) &&
        !untolerated(device.taints?.filter(({ effect }) => effect !== 'None') ?? [], request.tolerations),
    )
  }

  function claim(at: number): boolean {
    const { requests = [], constraints = [] } = claims[at]?.spec.devices ?? {}
    if (at === claims.length) return true
    const own = chosen[at] ?? []

    const request = (index: number): boolean => {
      const wanted = requests[index]
      if (!wanted) return claim(at + 1)
      return alternativesOf(wanted).some(each => {
        const candidates = suitable(each)
        if (each.allocationMode !== 'All') return some(each, { candidates, count: each.count ?? 1, index })
        if (!isComplete)
          throw new AllocationFault(`request ${each.name}: asks for all devices, but a pool is being updated`)
        return candidates.length > 0 && some(each, { candidates, count: candidates.length, index })
      })
    }

    /** Chooses `count` of the candidates, then goes on with the next request. */
    function some(each: Request, { candidates, count, index }: { candidates: Offer[]; count: number; index: number }) {
      if (count === 0) return request(index + 1)
      for (const [i, offer] of candidates.entries()) {
        if (candidates.length - i < count || own.length >= mostDevices || ++steps > patience) return false
        const key = deviceKey({ ...offer, device: offer.device.name })
        const choice = { request: each, offer }
        if (!isFree(each, key) || !constraints.every(constraint => allows(constraint, choice, own))) continue
        own.push(choice)
        if (!each.adminAccess) used.add(key)
        if (some(each, { candidates: candidates.slice(i + 1), count: count - 1, index })) return true
        own.pop()
        if (!each.adminAccess) used.delete(key)
      }
      return false
    }

    return request(0)
  }

  if (!claim(0)) return undefined
  return claims.map((each, at) => resultOf(each, { choices: chosen[at] ?? [], node, classOf }))
}

/** Whether a device goes with those chosen before: the attribute the same on all, or on each another. */
function allows(constraint: Constraint, choice: Choice, before: readonly Choice[]): boolean {
  const name = constraint.matchAttribute ?? constraint.distinctAttribute
  if (name === undefined || !concerns(constraint, choice.request)) return true
  const attribute = ({ offer }: Choice) => attributeOf(offer.device, offer.driver, name)
  const own = attribute(choice)
  if (own === undefined) return false
  return before
    .filter(({ request }) => concerns(constraint, request))
    .every(other => jsonEqual(attribute(other), own) === (constraint.matchAttribute !== undefined))
}
