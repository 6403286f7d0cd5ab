import type { V1APIService } from '@kubernetes/client-node/dist/gen/models/V1APIService.js'
import type { V1APIServiceCondition } from '@kubernetes/client-node/dist/gen/models/V1APIServiceCondition.js'
import type { StoredSpec, Wire } from './object.ts'
import type { ResourceRef } from './ref.ts'

export interface APIService extends StoredSpec<V1APIService> {}
export interface APIServiceCondition extends Wire<V1APIServiceCondition> {}

export const apiServices: ResourceRef<APIService> = {
  group: 'apiregistration.k8s.io',
  version: 'v1',
  resource: 'apiservices',
  kind: 'APIService',
  namespaced: false,
}
