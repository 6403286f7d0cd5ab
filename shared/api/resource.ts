import type { ResourceV1ResourceClaim } from '@kubernetes/client-node/dist/gen/models/ResourceV1ResourceClaim.js'
import type { V1DeviceClass } from '@kubernetes/client-node/dist/gen/models/V1DeviceClass.js'
import type { V1ResourceClaimTemplate } from '@kubernetes/client-node/dist/gen/models/V1ResourceClaimTemplate.js'
import type { V1ResourceSlice } from '@kubernetes/client-node/dist/gen/models/V1ResourceSlice.js'
import type { StoredSpec } from './object.ts'
import type { ResourceRef } from './ref.ts'

export interface DeviceClass extends StoredSpec<V1DeviceClass> {}
export interface ResourceClaim extends StoredSpec<ResourceV1ResourceClaim> {}
export interface ResourceClaimTemplate extends StoredSpec<V1ResourceClaimTemplate> {}
export interface ResourceSlice extends StoredSpec<V1ResourceSlice> {}

const resource = { group: 'resource.k8s.io', version: 'v1' } as const

export const deviceClasses: ResourceRef<DeviceClass> = {
  ...resource,
  resource: 'deviceclasses',
  kind: 'DeviceClass',
  namespaced: false,
}
export const resourceClaims: ResourceRef<ResourceClaim> = {
  ...resource,
  resource: 'resourceclaims',
  kind: 'ResourceClaim',
  namespaced: true,
}
export const resourceClaimTemplates: ResourceRef<ResourceClaimTemplate> = {
  ...resource,
  resource: 'resourceclaimtemplates',
  kind: 'ResourceClaimTemplate',
  namespaced: true,
}
export const resourceSlices: ResourceRef<ResourceSlice> = {
  ...resource,
  resource: 'resourceslices',
  kind: 'ResourceSlice',
  namespaced: false,
}
