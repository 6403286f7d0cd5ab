import { endpoints, services, type Endpoints, type Service } from '../../../shared/api/core.ts'
import { endpointSlices, type EndpointSlice } from '../../../shared/api/discovery.ts'
import type { Controller, ControllerContext } from '../../../shared/client/controller.ts'
import { keyOf, keyText } from '../../../shared/client/key.ts'
import { controllerRef, mapped } from '../../../shared/client/watches.ts'
import { unlessGone } from '../../../shared/client/unless-gone.ts'
import { canonicalJson } from '../../../shared/machinery/hash.ts'
import { jsonEqual } from '../../../shared/machinery/json-value.ts'
import { isLeaderElection } from '../endpoints/leader-election.ts'
import { lastChange } from '../endpoints/trigger-times.ts'
import { isNamespaceTerminating } from '../namespace-terminating.ts'
import { capacity, mirroredGroups, type MirroredGroup } from './mirrored-groups.ts'

const serviceName = 'kubernetes.io/service-name'
const managedBy = 'endpointslice.kubernetes.io/managed-by'
const manager = 'endpointslicemirroring-controller.k8s.io'
const skipMirror = 'endpointslice.kubernetes.io/skip-mirror'
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration'

/**
 * Keeps EndpointSlices that say what the user's own Endpoints of a Service without selector say
 * (pkg/controller/endpointslicemirroring): proxies and DNS read slices only.
 */
export const endpointSliceMirroringController: Controller = {
  name: 'endpoint-slice-mirroring-controller',
  watches: [
    {
      ref: endpoints,
      keys: ({ now, before }: { now?: Endpoints; before?: Endpoints }) =>
        [now, before]
          .filter(object => object !== undefined)
          .filter(isMirrored)
          .map(keyOf),
    },
    {
      ref: services,
      keys: ({ now, before }: { now?: Service; before?: Service }) => {
        const service = now ?? before
        const isNews = now && before ? hasSelector(now) !== hasSelector(before) : service && !hasSelector(service)
        return service && isNews ? [keyOf(service)] : []
      },
    },
    mapped(endpointSlices, ({ metadata }) => {
      const name = metadata.labels?.[managedBy] === manager ? metadata.labels[serviceName] : undefined
      return name ? [{ namespace: metadata.namespace ?? '', name }] : []
    }),
  ],

  async reconcile(key, context) {
    const { informers, recorder } = context
    const source = informers.informer(endpoints).get(key)
    const service = informers.informer(services).get(key)
    const slices = slicesOf(keyText(key), context)
    if (!source || !isMirrored(source) || !service || hasSelector(service)) {
      for (const slice of slices) await remove(slice, context)
      return
    }
    const { groups, skipped } = mirroredGroups(source)
    if (skipped > 0) {
      const most = `A max of ${capacity} addresses can be mirrored to EndpointSlices per Endpoints subset.`
      recorder.event(source, 'Warning', 'TooManyAddressesToMirror', `${most} ${skipped} addresses were skipped`)
    }
    await write(source, { groups, slices }, context)
  },
}

const hasSelector = ({ spec }: Service) => Object.keys(spec.selector ?? {}).length > 0

function isMirrored(source: Endpoints): boolean {
  return source.metadata.labels?.[skipMirror] !== 'true' && !isLeaderElection(source)
}

function slicesOf(key: string, { informers }: ControllerContext): EndpointSlice[] {
  const informer = informers.informer(endpointSlices)
  informer.index('mirrors', ({ metadata }) => {
    const { labels = {}, namespace = '' } = metadata
    return labels[managedBy] === manager ? [`${namespace}/${labels[serviceName] ?? ''}`] : []
  })
  return informer.by('mirrors', key).filter(({ metadata }) => !metadata.deletionTimestamp)
}

const portsKey = ({ addressType, ports }: Pick<EndpointSlice, 'addressType' | 'ports'>) =>
  `${addressType} ${(ports ?? []).map(canonicalJson).sort().join()}`

/** One slice per group: that of the same ports, else one that is no longer used, else a new one. */
async function write(
  source: Endpoints,
  { groups, slices }: { groups: MirroredGroup[]; slices: EndpointSlice[] },
  context: ControllerContext,
): Promise<void> {
  const unused = new Set(slices)
  const take = (fits: (slice: EndpointSlice) => boolean) => {
    const found = [...unused].find(fits)
    if (found) unused.delete(found)
    return found
  }
  const placed = groups.map(group => ({ group, slice: take(slice => portsKey(slice) === portsKey(group)) }))
  for (const { group, slice } of placed) {
    const place = slice ?? take(({ addressType }) => addressType === group.addressType)
    if (place) await update(place, { source, group }, context)
    else if (!source.metadata.deletionTimestamp) await create({ source, group }, context)
  }
  for (const slice of unused) await remove(slice, context)
}

interface Mirroring {
  source: Endpoints
  group: MirroredGroup
}

function metadataOf({ metadata }: Endpoints) {
  const { [lastChange]: _change, [lastApplied]: _applied, ...annotations } = metadata.annotations ?? {}
  return { labels: { ...metadata.labels, [serviceName]: metadata.name, [managedBy]: manager }, annotations }
}

async function update(slice: EndpointSlice, { source, group }: Mirroring, { client }: ControllerContext) {
  const { ports, endpoints: wanted } = group
  const { labels, annotations } = metadataOf(source)
  const { metadata } = slice
  const isSame =
    portsKey(slice) === portsKey(group) &&
    jsonEqual(slice.endpoints, wanted) &&
    jsonEqual(metadata.labels, labels) &&
    jsonEqual(metadata.annotations ?? {}, annotations) &&
    metadata.ownerReferences?.some(({ uid }) => uid === source.metadata.uid)
  if (isSame) return
  const ownerReferences = [controllerRef(source, endpoints)]
  const body = { ...slice, metadata: { ...metadata, labels, annotations, ownerReferences }, ports, endpoints: wanted }
  await client.update(endpointSlices, body)
}

/** Ends only when its informer has the slice, so that the next reconcile does not create it again. */
async function create({ source, group }: Mirroring, { client, informers, signal }: ControllerContext) {
  const { namespace = '', name } = source.metadata
  const ownerReferences = [controllerRef(source, endpoints)]
  try {
    const created = await client.create(endpointSlices, {
      metadata: { namespace, generateName: `${name}-`, ...metadataOf(source), ownerReferences },
      ...group,
    })
    await informers.informer(endpointSlices).reached(created.metadata.resourceVersion, signal)
  } catch (error) {
    if (!isNamespaceTerminating(error)) throw error
  }
}

async function remove(slice: EndpointSlice, { client }: ControllerContext) {
  await unlessGone(client.delete(endpointSlices, keyOf(slice), { preconditions: { uid: slice.metadata.uid } }))
}
