import { pods, services, type Service } from '../../../shared/api/core.ts'
import { endpointSlices, type EndpointSlice } from '../../../shared/api/discovery.ts'
import { notFound, serviceUnavailable } from '../../../shared/machinery/status.ts'
import type { Store } from '../../store/store.ts'
import { find } from '../registry/find.ts'
import { prefixOf } from '../registry/key.ts'
import type { Address } from './dial.ts'

interface Resolving {
  store: Store
  random: () => number
}

/** A Service's port as webhooks and APIServices name it. */
export interface ServicePort {
  namespace: string
  name: string
  port: number
}

/**
 * Where to reach a Service's port: one of its ready endpoints, or the name that it stands for (apiserver/pkg/util/proxy,
 * ResolveEndpoint). Rejects with 404 `service "x" not found` and 503 `no endpoints available for service "x"`.
 */
export async function resolveService(from: Resolving, { namespace, name, port }: ServicePort): Promise<Address> {
  const service = find(from.store, services, { namespace, name })
  if (!service) throw notFound({ group: '', resource: 'service', name })
  if (service.spec.type === 'ExternalName') return { host: service.spec.externalName ?? '', port }
  const found = await anyReady(from, service, { portName: numberedPort(service, port), podsOnly: false })
  if (!found) throw noEndpoints(name)
  return found
}

/**
 * The same for the API proxy: `port` is a name, a number or '' (registry/core/service/storage, ResourceLocation). Only
 * pods are proxied to, so that an endpoint made by hand opens no way to what the engine alone can reach.
 */
export async function resolveProxiedService(
  from: Resolving,
  { namespace, name, port }: { namespace: string; name: string; port: string },
): Promise<Address> {
  const service = find(from.store, services, { namespace, name })
  const isNumber = /^\d+$/.test(port)
  if (!service) throw notFound({ group: '', resource: isNumber ? 'services' : 'endpoints', name })
  const portName = isNumber ? numberedPort(service, Number(port)) : port
  const found = await anyReady(from, service, { portName, podsOnly: true })
  if (!found) throw noEndpoints(port === '' ? name : `${name}:${port}`)
  return found
}

const noEndpoints = (id: string) => serviceUnavailable(`no endpoints available for service "${id}"`)

/** The name of a port, '' for one without. */
function numberedPort({ metadata, spec }: Service, port: number): string {
  const found = spec.ports?.find(each => each.port === port)
  if (!found) throw serviceUnavailable(`no service port ${port} found for service "${metadata.name}"`)
  return found.name ?? ''
}

async function anyReady(
  { store, random }: Resolving,
  { metadata: { namespace = '', name } }: Service,
  { portName, podsOnly }: { portName: string; podsOnly: boolean },
): Promise<Address | undefined> {
  const { entries } = await store.list(prefixOf(endpointSlices, namespace))
  const ready = entries
    .map(entry => entry.object as EndpointSlice)
    .filter(slice => slice.metadata.labels?.['kubernetes.io/service-name'] === name)
    .flatMap(slice => readyAddresses(slice, portName))
    .filter(({ host, pod }) => !podsOnly || isAddressOf(store, { namespace, pod, host }))
  return ready[Math.floor(random() * ready.length)]
}

function readyAddresses({ endpoints, ports }: EndpointSlice, portName: string) {
  const port = ports?.find(each => (each.name ?? '') === portName)?.port
  if (port === undefined) return []
  return (endpoints ?? [])
    .filter(({ conditions }) => conditions?.ready !== false)
    .flatMap(({ addresses: [host], targetRef }) =>
      host === undefined ? [] : { host, port, pod: targetRef?.kind === 'Pod' ? targetRef.name : undefined },
    )
}

function isAddressOf(
  store: Store,
  { namespace, pod, host }: { namespace: string; pod: string | undefined; host: string },
): boolean {
  if (pod === undefined) return false
  const { status } = find(store, pods, { namespace, name: pod }) ?? {}
  return status?.podIP === host || (status?.podIPs ?? []).some(({ ip }) => ip === host)
}
