import type { Endpoints } from '../../../shared/api/core.ts'

type Subset = NonNullable<Endpoints['subsets']>[number]

/** Addresses an Endpoints object may hold; the rest is only in EndpointSlices. */
const capacity = 1000

/**
 * Leaves at most 1000 addresses: ready ones first, of those that do not all fit each subset its share, rounded up as long
 * as there is room (endpoints_controller.go truncateEndpoints).
 */
export function truncateSubsets(subsets: Subset[]): { subsets: Subset[]; truncated: boolean } {
  const count = (of: 'addresses' | 'notReadyAddresses') =>
    subsets.reduce((sum, subset) => sum + (subset[of]?.length ?? 0), 0)
  const [ready, notReady] = [count('addresses'), count('notReadyAddresses')]
  if (ready + notReady <= capacity) return { subsets, truncated: false }
  const cut = ready > capacity ? 'addresses' : 'notReadyAddresses'
  const [total, room] = cut === 'addresses' ? [ready, capacity] : [notReady, capacity - ready]
  let left = room
  return {
    subsets: subsets.flatMap(({ addresses, notReadyAddresses, ...rest }) => {
      const whole = (cut === 'addresses' ? addresses : notReadyAddresses) ?? []
      const kept = whole.slice(0, Math.min(left, Math.ceil((whole.length / total) * room)))
      left -= kept.length
      const some = {
        ...(cut === 'notReadyAddresses' && addresses && { addresses }),
        ...(kept.length > 0 && { [cut]: kept }),
      }
      return Object.keys(some).length > 0 ? [{ ...some, ...rest }] : []
    }),
    truncated: true,
  }
}
