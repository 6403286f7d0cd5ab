/** Addresses of an IPv4 range, the lowest free one first; the network, its first host (a gateway's) and broadcast are left out. */
export function createAddresses(cidr: string, { taken: before = [] }: { taken?: readonly string[] } = {}) {
  const [network = '', bits = '24'] = cidr.split('/')
  const base = network.split('.').reduce((value, part) => value * 256 + Number(part), 0)
  const size = 2 ** (32 - Number(bits))
  const taken = new Set(before)
  const text = (address: number) => [24, 16, 8, 0].map(shift => Math.floor(address / 2 ** shift) % 256).join('.')
  return {
    /** Throws when all are taken. */
    take(): string {
      for (let host = 2; host < size - 1; host++) {
        const address = text(base + host)
        if (taken.has(address)) continue
        taken.add(address)
        return address
      }
      throw new Error(`no IP addresses available in range ${cidr}`)
    },
    release(address: string): void {
      taken.delete(address)
    },
  }
}
