import type { ImageSettings } from '../images/image-settings.ts'
import type { KubeletConfiguration } from './kubelet-configuration.ts'

/** What a configuration says of images; nothing is collected unless it asks for that. */
export function imageSettings(configuration: KubeletConfiguration): ImageSettings {
  const { imageGCHighThresholdPercent, imageMaximumGCAge } = configuration
  const collects = imageGCHighThresholdPercent < 100 || imageMaximumGCAge > 0
  return { ...configuration, ...(collects && { garbageCollection: configuration }) }
}
