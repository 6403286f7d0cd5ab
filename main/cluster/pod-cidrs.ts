/** The pods' range of a simulated first node, which is not one of those below. */
export const firstPodCidr = '10.244.1.0/24'

const count = 2 ** 14

/**
 * The lowest range below 10.128.0.0/10 that is not taken: 254 addresses for the pods of one simulated node, as upstream's
 * node IPAM controller gives them. Throws an Error when all are taken.
 */
export function freePodCidr(taken: ReadonlySet<string>): string {
  for (let index = 0; index < count; index++) {
    const podCIDR = `10.${128 + (index >> 8)}.${index & 255}.0/24`
    if (!taken.has(podCIDR)) return podCIDR
  }
  throw new Error(`all ${count} pod ranges of 10.128.0.0/10 are taken`)
}

/** Whether an address is in such a range. */
export const isIn = (podCIDR: string, address: string): boolean => address.replace(/\d+$/, '0/24') === podCIDR
