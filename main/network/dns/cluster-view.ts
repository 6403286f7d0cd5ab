import { namespaces, services, type Service } from '../../../shared/api/core.ts'
import { endpointSlices, type EndpointSlice } from '../../../shared/api/discovery.ts'
import type { Informers } from '../../../shared/client/informer.ts'
import { endpointsOf, serviceOf } from '../endpoints.ts'
import type { ClusterView } from './cluster-records.ts'

const byAddress = 'dns-address'
const byService = 'dns-service'

/** A view that answers every question from an index of the informers, so that no query walks all objects. */
export function createClusterView(informers: Informers): ClusterView & { synced: Promise<unknown> } {
  const knownNamespaces = informers.informer(namespaces)
  const knownServices = informers.informer(services)
  const knownSlices = informers.informer(endpointSlices)
  knownServices.index(byAddress, ({ spec }) => spec.clusterIPs ?? (spec.clusterIP ? [spec.clusterIP] : []))
  knownSlices.index(byService, slice => [serviceOf(slice) ?? []].flat())
  knownSlices.index(byAddress, slice => endpointsOf(slice).map(({ address }) => address))

  const serviceOfSlice = (slice: EndpointSlice): Service | undefined => {
    const [namespace = '', name = ''] = serviceOf(slice)?.split('/') ?? []
    return knownServices.get({ namespace, name })
  }
  return {
    synced: Promise.all([knownNamespaces.synced, knownServices.synced, knownSlices.synced]),
    service: (namespace, name) => knownServices.get({ namespace, name }),
    slices: ({ metadata }) => knownSlices.by(byService, `${metadata.namespace ?? ''}/${metadata.name}`),
    namespace: name => knownNamespaces.get({ namespace: '', name }),
    servicesAt: address => knownServices.by(byAddress, address),
    endpointsAt: address =>
      knownSlices.by(byAddress, address).flatMap(slice => {
        const service = serviceOfSlice(slice)
        return service ? [{ service, slice }] : []
      }),
  }
}
