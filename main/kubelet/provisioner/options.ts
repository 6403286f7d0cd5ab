import type { VolumeStore } from './volume-store.ts'

/** What StorageClasses call the provisioner. */
export const provisionerName = 'podbay.io/docker-volume'

/** What the parts of one node's provisioner share. */
export interface ProvisionerOptions {
  nodeName: string
  store: VolumeStore
}
