import { nodes, pods, services, type Service } from '../../../shared/api/core.ts'
import { endpointSlices, type EndpointSlice } from '../../../shared/api/discovery.ts'
import type { Controller, ControllerContext } from '../../../shared/client/controller.ts'
import { keyOf } from '../../../shared/client/key.ts'
import { controllerRef, each, mapped, reads } from '../../../shared/client/watches.ts'
import { canonicalJson } from '../../../shared/machinery/hash.ts'
import { isNotFound } from '../../../shared/machinery/status.ts'
import { isNamespaceTerminating } from '../namespace-terminating.ts'
import { sameJson } from '../same-json.ts'
import { backendsOf, hasBackends, isHeadless, podsOfServices, type AddressType, type Backend } from './backends.ts'
import { fillSlices, type Endpoint } from './fill-slices.ts'

const serviceName = 'kubernetes.io/service-name'
const managedBy = 'endpointslice.kubernetes.io/managed-by'
const manager = 'endpointslice-controller.k8s.io'
const headless = 'service.kubernetes.io/headless'
const zone = 'topology.kubernetes.io/zone'

interface Group {
  family: AddressType
  ports: NonNullable<EndpointSlice['ports']>
  endpoints: Endpoint[]
}

/** Keeps the EndpointSlices of every Service with a selector, per family and set of ports (pkg/controller/endpointslice). */
export const endpointSliceController: Controller = {
  name: 'endpoint-slice-controller',
  watches: [
    each(services),
    podsOfServices,
    reads(nodes),
    mapped(endpointSlices, ({ metadata }) => {
      const name = metadata.labels?.[managedBy] === manager ? metadata.labels[serviceName] : undefined
      return name ? [{ namespace: metadata.namespace ?? '', name }] : []
    }),
  ],

  async reconcile(key, context) {
    const service = context.informers.informer(services).get(key)
    // The slices of a Service that is gone are the garbage collector's.
    if (!service || !hasBackends(service) || service.metadata.deletionTimestamp) return
    const informer = context.informers.informer(endpointSlices)
    informer.index(serviceName, ({ metadata }) => {
      const { labels = {}, namespace = '' } = metadata
      return labels[managedBy] === manager && labels[serviceName] ? [`${namespace}/${labels[serviceName]}`] : []
    })
    const slices = informer.by(serviceName, `${key.namespace}/${key.name}`)
    await write(service, { slices, groups: groupsOf(service, context) }, context)
  },
}

/** What the slices shall say; at least one group per family, so that a Service without pods has an empty slice. */
function groupsOf(service: Service, { informers }: ControllerContext): Group[] {
  const candidates = informers.informer(pods).list(service.metadata.namespace)
  const families = (service.spec.ipFamilies ?? ['IPv4']) as AddressType[]
  return families.flatMap(family => {
    const groups = new Map<string, Group>()
    for (const backend of backendsOf(service, candidates, family)) {
      const ports = canonicalJson(backend.ports)
      const group = groups.get(ports) ?? { family, ports: backend.ports, endpoints: [] }
      group.endpoints.push(toEndpoint(backend, zoneOf(backend, informers)))
      groups.set(ports, group)
    }
    return groups.size > 0 ? [...groups.values()] : [{ family, ports: [], endpoints: [] }]
  })
}

function zoneOf({ pod }: Backend, informers: ControllerContext['informers']): string | undefined {
  const { nodeName: name } = pod.spec
  return name ? informers.informer(nodes).get({ namespace: '', name })?.metadata.labels?.[zone] : undefined
}

function toEndpoint({ pod, address, conditions, hostname }: Backend, inZone: string | undefined): Endpoint {
  const { namespace = '', name, uid } = pod.metadata
  return {
    addresses: [address],
    conditions,
    ...(hostname && { hostname }),
    targetRef: { kind: 'Pod', namespace, name, uid },
    ...(pod.spec.nodeName && { nodeName: pod.spec.nodeName }),
    ...(inZone && { zone: inZone }),
  }
}

async function write(
  service: Service,
  { slices, groups }: { slices: readonly EndpointSlice[]; groups: Group[] },
  context: ControllerContext,
): Promise<void> {
  const labels = labelsOf(service)
  const unused = new Set(slices)
  for (const group of groups) {
    const own = slices.filter(slice => belongs(slice, group))
    const { existing, added } = fillSlices(own, group.endpoints)
    const filled = [...existing].filter(([, endpoints]) => endpoints.length > 0)
    // Without endpoints one slice stays as a placeholder.
    const kept = filled.length > 0 || added.length > 0 ? filled : [...existing].slice(0, 1)
    for (const [slice, endpoints] of kept) {
      unused.delete(slice)
      await update(slice, { endpoints, labels }, context)
    }
    const fresh = kept.length === 0 && added.length === 0 ? [[]] : added
    for (const endpoints of fresh) await create(service, { group, endpoints, labels }, context)
  }
  for (const slice of unused) await remove(slice, context)
}

const belongs = (slice: EndpointSlice, { family, ports }: Group) =>
  slice.addressType === family && sameJson(slice.ports ?? [], ports)

function labelsOf(service: Service): Record<string, string> {
  const {
    [serviceName]: _name,
    [managedBy]: _manager,
    [headless]: _headless,
    ...labels
  } = service.metadata.labels ?? {}
  return {
    ...labels,
    ...(isHeadless(service) && { [headless]: '' }),
    [serviceName]: service.metadata.name,
    [managedBy]: manager,
  }
}

interface Contents {
  endpoints: Endpoint[]
  labels: Record<string, string>
}

async function update(slice: EndpointSlice, { endpoints, labels }: Contents, { client }: ControllerContext) {
  if (sameJson(slice.endpoints ?? [], endpoints) && sameJson(slice.metadata.labels, labels)) return
  await client.update(endpointSlices, { ...slice, metadata: { ...slice.metadata, labels }, endpoints })
}

/** A reconcile ends only when its informer has the slice, so that the next does not create it again. */
async function create(service: Service, given: Contents & { group: Group }, context: ControllerContext) {
  const { client, informers, signal } = context
  const { name, namespace = '' } = service.metadata
  try {
    const created = await client.create(endpointSlices, {
      metadata: {
        namespace,
        generateName: `${name}-`,
        labels: given.labels,
        ownerReferences: [controllerRef(service, services)],
      },
      addressType: given.group.family,
      ports: given.group.ports,
      endpoints: given.endpoints,
    })
    await informers.informer(endpointSlices).reached(created.metadata.resourceVersion, signal)
  } catch (error) {
    if (!isNamespaceTerminating(error)) throw error
  }
}

async function remove(slice: EndpointSlice, { client }: ControllerContext) {
  try {
    await client.delete(endpointSlices, keyOf(slice), { preconditions: { uid: slice.metadata.uid } })
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}
