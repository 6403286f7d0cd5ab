import { nodes, services, type Node, type Pod, type Service } from '../../../shared/api/core.ts'
import { endpointSlices, type EndpointSlice } from '../../../shared/api/discovery.ts'
import type { ObjectKey } from '../../../shared/api/object.ts'
import type { Controller, ControllerContext } from '../../../shared/client/controller.ts'
import { keyOf, keyText } from '../../../shared/client/key.ts'
import { controllerRef, each, mapped } from '../../../shared/client/watches.ts'
import { unlessGone } from '../../../shared/client/unless-gone.ts'
import { canonicalJson } from '../../../shared/machinery/hash.ts'
import { jsonEqual } from '../../../shared/machinery/json-value.ts'
import { isConflict } from '../../../shared/machinery/status.ts'
import { isNamespaceTerminating } from '../namespace-terminating.ts'
import { toError } from '../to-error.ts'
import {
  backendsOf,
  hasBackends,
  isHeadless,
  podsOfNodes,
  podsOfServices,
  selectedBy,
  type AddressType,
  type Backend,
} from './backends.ts'
import { fillSlices, type Endpoint } from './fill-slices.ts'
import { createTriggerTimes, lastChange, lastChanged } from './trigger-times.ts'

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
export function endpointSliceController(): Controller {
  const times = createTriggerTimes()
  return {
    name: 'endpoint-slice-controller',
    watches: [
      each(services),
      podsOfServices,
      podsOfNodes,
      mapped(endpointSlices, ({ metadata }) => {
        const name = metadata.labels?.[managedBy] === manager ? metadata.labels[serviceName] : undefined
        return name ? [{ namespace: metadata.namespace ?? '', name }] : []
      }),
    ],

    async reconcile(key, context) {
      const service = context.informers.informer(services).get(key)
      if (!service) times.forget(key)
      // The slices of a Service that is gone are the garbage collector's.
      if (!service || !hasBackends(service) || service.metadata.deletionTimestamp) return
      const selected = selectedBy(service, context)
      const trigger = times.next(service, selected)
      const groups = groupsOf(service, selected, context)
      try {
        await write(service, { slices: slicesOf(key, context), groups, trigger }, context)
      } catch (error) {
        const why = `Error updating Endpoint Slices for Service ${keyText(key)}: ${toError(error).message}`
        const isStale = isConflict(error) || context.signal.aborted
        if (!isStale) context.recorder.event(service, 'Warning', 'FailedToUpdateEndpointSlices', why)
        throw error
      }
    },
  }
}

/** The Service's slices but those on their way out. */
function slicesOf(key: ObjectKey, { informers }: ControllerContext): EndpointSlice[] {
  const informer = informers.informer(endpointSlices)
  informer.index(serviceName, ({ metadata }) => {
    const { labels = {}, namespace = '' } = metadata
    return labels[managedBy] === manager && labels[serviceName] ? [`${namespace}/${labels[serviceName]}`] : []
  })
  return informer.by(serviceName, keyText(key)).filter(slice => !slice.metadata.deletionTimestamp)
}

/** What the slices shall say; at least one group per family, so that a Service without pods has an empty slice. */
function groupsOf(service: Service, selected: readonly Pod[], { informers }: ControllerContext): Group[] {
  const families = (service.spec.ipFamilies ?? ['IPv4']) as AddressType[]
  return families.flatMap(family => {
    const groups = new Map<string, Group>()
    for (const backend of backendsOf(service, selected, family)) {
      const node = nodeOf(backend, informers)
      if (!node && !service.spec.publishNotReadyAddresses) continue
      const ports = canonicalJson(backend.ports)
      const group = groups.get(ports) ?? { family, ports: backend.ports, endpoints: [] }
      group.endpoints.push(toEndpoint(backend, node?.metadata.labels?.[zone]))
      groups.set(ports, group)
    }
    return groups.size > 0 ? [...groups.values()] : [{ family, ports: [], endpoints: [] }]
  })
}

/** A pod whose node is gone can't be reached; its deletion may take a while (endpointslice/reconciler.go). */
function nodeOf({ pod }: Backend, informers: ControllerContext['informers']): Node | undefined {
  const { nodeName: name } = pod.spec
  return name ? informers.informer(nodes).get({ namespace: '', name }) : undefined
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

interface Plan {
  slices: readonly EndpointSlice[]
  groups: Group[]
  /** When the change that led here came about. */
  trigger: string | undefined
}

/** A slice that is no longer used takes the place of one to be made, so that a change of ports keeps its name. */
async function write(service: Service, { slices, groups, trigger }: Plan, context: ControllerContext): Promise<void> {
  const labels = labelsOf(service)
  const unused = new Set(slices)
  const added: Contents[] = []
  for (const { family, ports, endpoints } of groups) {
    const own = slices.filter(slice => isOwn(slice, service) && slice.addressType === family)
    const filling = fillSlices(
      own.filter(slice => jsonEqual(slice.ports ?? [], ports)),
      endpoints,
    )
    const filled = [...filling.existing].filter(([, some]) => some.length > 0)
    // Without endpoints one slice stays as a placeholder.
    const kept = filled.length + filling.added.length > 0 ? filled : [...filling.existing].slice(0, 1)
    for (const [slice, some] of kept) {
      unused.delete(slice)
      await update(slice, { family, ports, endpoints: some, labels, trigger }, context)
    }
    const fresh = kept.length + filling.added.length > 0 ? filling.added : [[]]
    added.push(...fresh.map(some => ({ family, ports, endpoints: some, labels, trigger })))
  }
  for (const contents of added) {
    const spare = [...unused].find(slice => isOwn(slice, service) && slice.addressType === contents.family)
    if (spare) {
      unused.delete(spare)
      await update(spare, contents, context)
    } else await create(service, contents, context)
  }
  for (const slice of unused) await remove(slice, context)
}

/** Made for this Service, not for an earlier one of its name. */
const isOwn = (slice: EndpointSlice, service: Service) =>
  slice.metadata.ownerReferences?.some(owner => owner.uid === service.metadata.uid) ?? false

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

interface Contents extends Group {
  labels: Record<string, string>
  trigger: string | undefined
}

async function update(slice: EndpointSlice, given: Contents, { client }: ControllerContext) {
  const { ports, endpoints, labels, trigger } = given
  const isSame = jsonEqual(slice.endpoints ?? [], endpoints) && jsonEqual(slice.ports ?? [], ports)
  if (isSame && jsonEqual(slice.metadata.labels, labels)) return
  const { [lastChange]: _, ...annotations } = slice.metadata.annotations ?? {}
  const metadata = { ...slice.metadata, labels, annotations: { ...annotations, ...lastChanged(trigger) } }
  await client.update(endpointSlices, { ...slice, metadata, ports, endpoints })
}

/** A reconcile ends only when its informer has the slice, so that the next does not create it again. */
async function create(service: Service, given: Contents, { client, informers, signal }: ControllerContext) {
  const { name, namespace = '' } = service.metadata
  try {
    const created = await client.create(endpointSlices, {
      metadata: {
        namespace,
        generateName: `${name}-`,
        labels: given.labels,
        annotations: lastChanged(given.trigger),
        ownerReferences: [controllerRef(service, services)],
      },
      addressType: given.family,
      ports: given.ports,
      endpoints: given.endpoints,
    })
    await informers.informer(endpointSlices).reached(created.metadata.resourceVersion, signal)
  } catch (error) {
    if (!isNamespaceTerminating(error)) throw error
  }
}

async function remove(slice: EndpointSlice, { client }: ControllerContext) {
  await unlessGone(client.delete(endpointSlices, keyOf(slice), { preconditions: { uid: slice.metadata.uid } }))
}
