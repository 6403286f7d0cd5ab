import type { V1CSIDriver } from '@kubernetes/client-node/dist/gen/models/V1CSIDriver.js'
import type { V1CSINode } from '@kubernetes/client-node/dist/gen/models/V1CSINode.js'
import type { V1CSIStorageCapacity } from '@kubernetes/client-node/dist/gen/models/V1CSIStorageCapacity.js'
import type { V1StorageClass } from '@kubernetes/client-node/dist/gen/models/V1StorageClass.js'
import type { V1VolumeAttachment } from '@kubernetes/client-node/dist/gen/models/V1VolumeAttachment.js'
import type { V1VolumeAttributesClass } from '@kubernetes/client-node/dist/gen/models/V1VolumeAttributesClass.js'
import type { Stored } from './object.ts'
import type { ResourceRef } from './ref.ts'

export interface CSIDriver extends Stored<V1CSIDriver> {}
export interface CSINode extends Stored<V1CSINode> {}
export interface CSIStorageCapacity extends Stored<V1CSIStorageCapacity> {}
export interface StorageClass extends Stored<V1StorageClass> {}
export interface VolumeAttachment extends Stored<V1VolumeAttachment> {}
export interface VolumeAttributesClass extends Stored<V1VolumeAttributesClass> {}

const storage = { group: 'storage.k8s.io', version: 'v1' } as const

export const csiDrivers: ResourceRef<CSIDriver> = {
  ...storage,
  resource: 'csidrivers',
  kind: 'CSIDriver',
  namespaced: false,
}
export const csiNodes: ResourceRef<CSINode> = { ...storage, resource: 'csinodes', kind: 'CSINode', namespaced: false }
export const csiStorageCapacities: ResourceRef<CSIStorageCapacity> = {
  ...storage,
  resource: 'csistoragecapacities',
  kind: 'CSIStorageCapacity',
  namespaced: true,
}
export const storageClasses: ResourceRef<StorageClass> = {
  ...storage,
  resource: 'storageclasses',
  kind: 'StorageClass',
  namespaced: false,
}
export const volumeAttachments: ResourceRef<VolumeAttachment> = {
  ...storage,
  resource: 'volumeattachments',
  kind: 'VolumeAttachment',
  namespaced: false,
}
export const volumeAttributesClasses: ResourceRef<VolumeAttributesClass> = {
  ...storage,
  resource: 'volumeattributesclasses',
  kind: 'VolumeAttributesClass',
  namespaced: false,
}
