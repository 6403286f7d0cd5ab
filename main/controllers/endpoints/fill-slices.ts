import type { EndpointSlice } from '../../../shared/api/discovery.ts'
import { jsonEqual } from '../../../shared/machinery/json-value.ts'

export type Endpoint = NonNullable<EndpointSlice['endpoints']>[number]

/** Endpoints one slice may hold (--max-endpoints-per-slice). */
const capacity = 100

/** The endpoints that each existing slice shall have, and those of slices to be made. */
export interface Filling {
  existing: Map<EndpointSlice, Endpoint[]>
  added: Endpoint[][]
}

/**
 * Distributes the endpoints of one set of ports over slices with few writes: an endpoint stays where it is; new ones go
 * first to slices that change anyway, then to the fullest that takes all that is left, then to new slices
 * (endpointslice/reconciler.go reconcileByPortMapping). Slices that end up empty keep their place in `existing`.
 */
export function fillSlices(slices: readonly EndpointSlice[], wanted: readonly Endpoint[]): Filling {
  const left = new Map(wanted.map(endpoint => [identity(endpoint), endpoint]))
  const existing = new Map<EndpointSlice, Endpoint[]>()
  for (const slice of slices) {
    const kept = (slice.endpoints ?? []).flatMap(endpoint => {
      const current = left.get(identity(endpoint))
      left.delete(identity(endpoint))
      return current ? [current] : []
    })
    existing.set(slice, kept)
  }

  let rest = [...left.values()]
  const changing = [...existing].filter(([slice, kept]) => !jsonEqual(slice.endpoints ?? [], kept))
  for (const [slice, kept] of changing.sort(([, a], [, b]) => b.length - a.length)) {
    const room = capacity - kept.length
    existing.set(slice, [...kept, ...rest.slice(0, room)])
    rest = rest.slice(room)
  }
  const added: Endpoint[][] = []
  while (rest.length > 0) {
    const fits = [...existing].filter(([, kept]) => kept.length + rest.length <= capacity)
    const [fullest] = fits.sort(([, a], [, b]) => b.length - a.length)
    if (fullest) {
      existing.set(fullest[0], [...fullest[1], ...rest])
      rest = []
    } else {
      added.push(rest.slice(0, capacity))
      rest = rest.slice(capacity)
    }
  }
  return { existing, added }
}

/** The same pod with the same addresses is the same endpoint, whatever its conditions. */
const identity = ({ addresses, targetRef, nodeName }: Endpoint) =>
  JSON.stringify([addresses, targetRef?.uid ?? '', nodeName ?? ''])
