import type { V1Lease } from '@kubernetes/client-node/dist/gen/models/V1Lease.js'
import type { Stored } from './object.ts'
import type { ResourceRef } from './ref.ts'

export interface Lease extends Stored<V1Lease> {}

export const leases: ResourceRef<Lease> = {
  group: 'coordination.k8s.io',
  version: 'v1',
  resource: 'leases',
  kind: 'Lease',
  namespaced: true,
}
