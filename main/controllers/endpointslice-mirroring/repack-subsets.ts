import type { Endpoints } from '../../../shared/api/core.ts'
import { canonicalJson } from '../../../shared/machinery/hash.ts'

type Subset = NonNullable<Endpoints['subsets']>[number]
type Address = NonNullable<Subset['addresses']>[number]
type Port = NonNullable<Subset['ports']>[number]

/** The addresses that serve a set of ports. */
export interface Repacked {
  ports: Port[]
  addresses: { address: Address; ready: boolean }[]
}

/**
 * Subsets in canonical form: each port of each address once, ports with the same addresses together, ready addresses first.
 * Not ready wins over ready (pkg/api/v1/endpoints RepackSubsets).
 */
export function repackSubsets(subsets: readonly Subset[]): Repacked[] {
  const byPort = new Map<
    string,
    { port: Port | undefined; members: Map<string, { address: Address; ready: boolean }> }
  >()
  for (const { ports = [], addresses = [], notReadyAddresses = [] } of subsets) {
    const given = [
      ...addresses.map(address => ({ address, ready: true })),
      ...notReadyAddresses.map(address => ({ address, ready: false })),
    ]
    for (const port of ports.length > 0 ? ports : [undefined]) {
      const key = canonicalJson(port ?? null)
      const { members } = byPort.get(key) ?? { members: new Map<string, Repacked['addresses'][number]>() }
      for (const { address, ready } of given) {
        const id = JSON.stringify([address.ip, address.targetRef?.uid ?? ''])
        const known = members.get(id)
        members.set(id, known ? { ...known, ready: known.ready && ready } : { address, ready })
      }
      byPort.set(key, { port, members })
    }
  }
  const packed = new Map<string, Repacked>()
  for (const [, { port, members }] of [...byPort].sort(byKey)) {
    const sorted = [...members].sort(byKey)
    const key = JSON.stringify(sorted.map(([id, { ready }]) => [id, ready]))
    const addresses = sorted.map(([, member]) => member).sort((a, b) => Number(b.ready) - Number(a.ready))
    const group = packed.get(key) ?? { ports: [], addresses }
    if (port) group.ports.push(port)
    packed.set(key, group)
  }
  return [...packed.values()]
}

const byKey = ([a]: [string, unknown], [b]: [string, unknown]) => (a < b ? -1 : 1)
