import { anyKind, type Resource } from '../resource.ts'
import { csiDriver } from './csi-driver.ts'
import { csiNode } from './csi-node.ts'
import { csiStorageCapacity } from './csi-storage-capacity.ts'
import { storageClass } from './storage-class.ts'
import { volumeAttachment } from './volume-attachment.ts'
import { volumeAttributesClass } from './volume-attributes-class.ts'

export const storageKinds: readonly Resource[] = [
  anyKind(csiDriver),
  anyKind(csiNode),
  anyKind(csiStorageCapacity),
  anyKind(storageClass),
  anyKind(volumeAttachment),
  anyKind(volumeAttributesClass),
]
