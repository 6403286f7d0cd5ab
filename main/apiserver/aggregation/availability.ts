import type { APIService, APIServiceCondition } from '../../../shared/api/apiregistration.ts'
import { services } from '../../../shared/api/core.ts'
import { endpointSlices, type EndpointSlice } from '../../../shared/api/discovery.ts'
import { toTime } from '../../../shared/machinery/clock.ts'
import type { Store } from '../../store/store.ts'
import { find } from '../registry/find.ts'
import { prefixOf } from '../registry/key.ts'
import type { RemoteServers } from './remote-server.ts'

/** Whether the server of an API can be asked, and if so what it answered: its resources. */
export interface Availability {
  status: 'True' | 'False'
  reason: string
  message: string
  /** The body of its discovery document; only where it is available. */
  document?: string
}

interface Checking {
  store: Store
  servers: RemoteServers
  signal: AbortSignal
}

/** Looks at the Service, its port, its endpoints, and then asks (kube-aggregator/pkg/controllers/status/remote). */
export async function checkAvailability(api: APIService, { store, servers, signal }: Checking): Promise<Availability> {
  const { namespace = '', name = '', port = 443 } = api.spec.service ?? {}
  const no = (reason: string, message: string): Availability => ({ status: 'False', reason, message })
  const what = `service/${name} in ${JSON.stringify(namespace)}`
  const service = find(store, services, { namespace, name })
  if (!service) return no('ServiceNotFound', `${what} is not present`)
  if ((service.spec.type ?? 'ClusterIP') === 'ClusterIP') {
    const servicePort = service.spec.ports?.find(each => each.port === port)
    if (!servicePort) return no('ServicePortError', `${what} is not listening on port ${port}`)
    const slices = await slicesOf(store, { namespace, name })
    if (slices.length === 0) return no('EndpointsNotFound', `cannot find endpointslices for ${what}`)
    const portName = servicePort.name ?? ''
    if (!slices.some(slice => isReady(slice, portName))) {
      const why = `endpointslices for ${what} have no addresses with port name ${JSON.stringify(portName)}`
      return no('MissingEndpoints', why)
    }
  }
  try {
    const { status, body, url } = await servers.get(api, discoveryPath(api), signal)
    if (status < 200 || status >= 300)
      throw new Error(`failing or missing response from ${url}: bad status from ${url}: ${status}`)
    return { status: 'True', reason: 'Passed', message: 'all checks passed', document: body }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return no('FailedDiscoveryCheck', signal.aborted ? `timed out waiting for ${discoveryPath(api)}` : why)
  }
}

function discoveryPath({ spec: { group = '', version = '' } }: APIService): string {
  return group === '' ? `/api/${version}` : `/apis/${group}/${version}`
}

async function slicesOf(
  store: Store,
  { namespace, name }: { namespace: string; name: string },
): Promise<EndpointSlice[]> {
  const { entries } = await store.list(prefixOf(endpointSlices, namespace))
  return entries.map(({ object }) => object as EndpointSlice).filter(slice => serviceNameOf(slice) === name)
}

/** The Service whose endpoints a slice holds. */
export function serviceNameOf({ metadata }: EndpointSlice): string | undefined {
  return metadata.labels?.['kubernetes.io/service-name']
}

function isReady({ endpoints, ports }: EndpointSlice, portName: string): boolean {
  return (
    (endpoints ?? []).some(({ conditions }) => conditions?.ready !== false) &&
    (ports ?? []).some(({ name = '', port }) => name === portName && port !== undefined)
  )
}

/** The conditions with this one in its place; undefined if nothing changes. */
export function withAvailability(
  { status }: APIService,
  { status: now, reason, message }: Availability,
  at: number,
): APIServiceCondition[] | undefined {
  const conditions = status?.conditions ?? []
  const before = conditions.find(({ type }) => type === 'Available')
  if (before?.status === now && before.reason === reason && before.message === message) return undefined
  const lastTransitionTime =
    before?.status === now && before.lastTransitionTime ? before.lastTransitionTime : toTime(at)
  const condition = { type: 'Available', status: now, lastTransitionTime, reason, message }
  return [...conditions.filter(({ type }) => type !== 'Available'), condition]
}

/** Whether its server can be asked, by its condition Available. */
export function isAvailable({ status }: APIService): boolean {
  return status?.conditions?.some(({ type, status: is }) => type === 'Available' && is === 'True') ?? false
}
