import { services } from '../../shared/api/core.ts'
import { endpointSlices, type EndpointSlice } from '../../shared/api/discovery.ts'
import type { Draft } from '../../shared/api/object.ts'
import type { Client } from '../../shared/client/client.ts'
import { isAlreadyExists } from '../../shared/machinery/status.ts'

const at = { name: 'kube-dns', namespace: 'kube-system' }
const labels = { 'k8s-app': 'kube-dns', 'kubernetes.io/name': 'CoreDNS', 'kubernetes.io/cluster-service': 'true' }

/**
 * The `kube-dns` Service under the name that clients look for. It has no selector: the engine answers, at `address`;
 * without one the endpoints are left as they are.
 */
export async function publishDns(
  client: Client,
  clusterIP: string,
  address?: { ip: string; port: number },
): Promise<void> {
  const ports = (['UDP', 'TCP'] as const).map(protocol => ({ name: protocol === 'UDP' ? 'dns' : 'dns-tcp', protocol }))
  const spec = { type: 'ClusterIP', clusterIP, ports: ports.map(port => ({ ...port, port: 53, targetPort: 53 })) }
  await orExists(client.create(services, { metadata: { ...at, labels }, spec }))
  if (!address) return
  const slice: Draft<EndpointSlice> = {
    metadata: { ...at, labels: { 'kubernetes.io/service-name': at.name } },
    addressType: 'IPv4',
    endpoints: [{ addresses: [address.ip], conditions: { ready: true } }],
    ports: ports.map(port => ({ ...port, port: address.port })),
  }
  if (await orExists(client.create(endpointSlices, slice))) return
  const known = await client.get(endpointSlices, at)
  await client.update(endpointSlices, { ...known, ...slice, metadata: known.metadata })
}

/** False: it was there already. */
async function orExists(creating: Promise<unknown>): Promise<boolean> {
  try {
    await creating
    return true
  } catch (error) {
    if (isAlreadyExists(error)) return false
    throw error
  }
}
