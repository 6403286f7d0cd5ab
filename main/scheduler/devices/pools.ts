import type { Node } from '../../../shared/api/core.ts'
import type { ResourceSlice } from '../../../shared/api/resource.ts'
import { matchesTerms } from '../../../shared/machinery/node-selector.ts'
import type { Device } from './device-selector.ts'

type NodeSelector = NonNullable<ResourceSlice['spec']['nodeSelector']>

/** A device that a node can use. */
export interface Offer {
  readonly driver: string
  readonly pool: string
  readonly device: Device
  /** Where else it can be used. */
  readonly reach: 'node' | 'everywhere' | NodeSelector
}

/** What identifies a device in the cluster. */
export const deviceKey = ({ driver, pool, device }: { driver: string; pool: string; device: string }) =>
  `${driver}/${pool}/${device}`

/** The devices in reach of a node; `isComplete` is false while one of their pools is being published. */
export interface Supply {
  readonly offers: readonly Offer[]
  readonly isComplete: boolean
}

/**
 * Of each pool its newest generation counts, and only when all of its slices are there (structured/internal/stable
 * GatherPools). Devices that share counters or need others' conditions to be bound are not offered.
 */
export function supplyOf(node: Node, slices: readonly ResourceSlice[]): Supply {
  const pools = Map.groupBy(slices, ({ spec }) => `${spec.driver}/${spec.pool.name}`)
  const offers: Offer[] = []
  let isComplete = true
  for (const pool of pools.values()) {
    const newest = Math.max(...pool.map(({ spec }) => spec.pool.generation))
    const current = pool.filter(({ spec }) => spec.pool.generation === newest)
    const own = current.flatMap(slice => offersOf(slice, node))
    if (current.length === current[0]?.spec.pool.resourceSliceCount) offers.push(...own)
    else if (own.length > 0) isComplete = false
  }
  return { offers, isComplete }
}

function offersOf({ spec }: ResourceSlice, node: Node): Offer[] {
  const { driver, pool, perDeviceNodeSelection, devices = [] } = spec
  return devices.flatMap((device): Offer[] => {
    const reach = reachOf(perDeviceNodeSelection ? device : spec, node)
    const isPlain = !device.consumesCounters?.length && !device.bindingConditions?.length
    return reach && isPlain ? [{ driver, pool: pool.name, device, reach }] : []
  })
}

function reachOf(place: Pick<ResourceSlice['spec'], 'nodeName' | 'nodeSelector' | 'allNodes'>, node: Node) {
  if (place.allNodes) return 'everywhere'
  if (place.nodeName) return place.nodeName === node.metadata.name ? 'node' : undefined
  return place.nodeSelector && matchesTerms(place.nodeSelector.nodeSelectorTerms, node) ? place.nodeSelector : undefined
}
