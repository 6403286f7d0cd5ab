import { endpoints, namespaces, services } from '../../shared/api/core.ts'
import { endpointSlices } from '../../shared/api/discovery.ts'
import type { KubeObject } from '../../shared/api/object.ts'
import { pathOf, type ResourceRef } from '../../shared/api/ref.ts'
import type { ApiTransport } from '../../shared/client/client.ts'
import { isAlreadyExists } from '../../shared/machinery/status.ts'
import { bootstrapObjects, bootstrapServiceCidr, createMissing } from './bootstrap-objects.ts'

/** Where the API server can be reached from pods. */
export interface ServerAddress {
  ip: string
  port: number
}

interface Options {
  /** Of a member of system:masters. */
  transport: ApiTransport
  /** The first address of the Service range. */
  serviceIp: string
  /** Where Services get their addresses from. Not given: no ServiceCIDR says so. */
  serviceCidr?: string
  /** Not known yet: the endpoints stay as they are. */
  addresses?: readonly ServerAddress[]
}

const systemNamespaces = ['default', 'kube-system', 'kube-public', 'kube-node-lease']
const labels = { component: 'apiserver', provider: 'kubernetes' }

/** Makes the namespaces that every cluster has (pkg/controlplane/controller/systemnamespaces): all else is made in them. */
export const createSystemNamespaces = (transport: ApiTransport): Promise<void> =>
  createMissing(
    transport,
    namespaces,
    systemNamespaces.map(name => ({ metadata: { name } })),
  )

/**
 * Makes what every cluster has in its namespaces: the `kubernetes` Service with its endpoints, the objects of
 * bootstrap-objects.ts (upstream's pkg/controlplane/controller). To be called again when the addresses change.
 */
export async function bootstrap({ transport, serviceIp, serviceCidr, addresses }: Options): Promise<void> {
  const port = addresses?.[0]?.port ?? 443
  const metadata = { name: 'kubernetes', namespace: 'default', labels }
  const spec = {
    type: 'ClusterIP',
    clusterIP: serviceIp,
    ports: [{ name: 'https', protocol: 'TCP', port: 443, targetPort: port }],
  }
  await Promise.all([
    bootstrapObjects(transport),
    serviceCidr === undefined ? undefined : bootstrapServiceCidr(transport, serviceCidr),
    create(transport, services, { metadata, spec }),
  ])
  if (!addresses) return
  const ports = [{ name: 'https', protocol: 'TCP', port }]
  const ips = addresses.map(({ ip }) => ip)
  const subsets = ips.length > 0 ? [{ addresses: ips.map(ip => ({ ip })), ports }] : []
  // The slice is made here, not mirrored from the Endpoints.
  const skipMirror = { 'endpointslice.kubernetes.io/skip-mirror': 'true' }
  await Promise.all([
    put(transport, endpoints, { metadata: { name: 'kubernetes', namespace: 'default', labels: skipMirror }, subsets }),
    put(transport, endpointSlices, {
      metadata: { name: 'kubernetes', namespace: 'default', labels: { 'kubernetes.io/service-name': 'kubernetes' } },
      addressType: 'IPv4',
      endpoints: ips.map(ip => ({ addresses: [ip], conditions: { ready: true } })),
      ports,
    }),
  ])
}

interface Given {
  metadata: Partial<KubeObject['metadata']>
  [field: string]: unknown
}

/** False: it was there already. */
async function create(transport: ApiTransport, ref: ResourceRef, object: Given): Promise<boolean> {
  const { namespace } = object.metadata
  try {
    await transport.request({ method: 'POST', path: pathOf(ref, { namespace }), body: object })
    return true
  } catch (error) {
    if (isAlreadyExists(error)) return false
    throw error
  }
}

/** Creates an object or makes it equal to what is given. */
async function put(transport: ApiTransport, ref: ResourceRef, object: Given): Promise<void> {
  const { namespace, name } = object.metadata
  if (await create(transport, ref, object)) return
  await transport.request({ method: 'PUT', path: pathOf(ref, { namespace, name }), body: object })
}
