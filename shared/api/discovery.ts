import type { V1EndpointSlice } from '@kubernetes/client-node/dist/gen/models/V1EndpointSlice.js'
import type { Stored } from './object.ts'
import type { ResourceRef } from './ref.ts'

export interface EndpointSlice extends Stored<V1EndpointSlice> {}

export const endpointSlices: ResourceRef<EndpointSlice> = {
  group: 'discovery.k8s.io',
  version: 'v1',
  resource: 'endpointslices',
  kind: 'EndpointSlice',
  namespaced: true,
}
