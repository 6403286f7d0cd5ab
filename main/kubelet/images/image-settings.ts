/** How images are pulled and removed: KubeletConfiguration's fields of the same names, its durations in ms. */
export interface ImageSettings {
  serializeImagePulls: boolean
  /** Unlimited if not given; it counts only where pulls are not serialized. */
  maxParallelImagePulls?: number
  /** Pulls per second; 0 for no limit. */
  registryPullQPS: number
  registryBurst: number
  imagePullCredentialsVerificationPolicy: CredentialVerification
  /** Names without tag and digest, or prefixes that end with `/*`; counts for NeverVerifyAllowlistedImages. */
  preloadedImagesVerificationAllowlist: readonly string[]
  /** Not given: no image is ever removed, which is the default here and not upstream's. */
  garbageCollection?: ImageGarbageSettings
}

/** Which images on the engine are kept from pods that do not show a credential that may pull them (KEP-2535). */
export type CredentialVerification =
  'NeverVerify' | 'NeverVerifyPreloadedImages' | 'NeverVerifyAllowlistedImages' | 'AlwaysVerify'

export interface ImageGarbageSettings {
  /** Percent of the engine's disk in use, above which images go until it is below the low one; at 100 none goes for its size. */
  imageGCHighThresholdPercent: number
  imageGCLowThresholdPercent: number
  /** Milliseconds that an image is known before it may go. */
  imageMinimumGCAge: number
  /** Milliseconds without use after which an image goes, however much room there is; 0 for never. */
  imageMaximumGCAge: number
}

/** Upstream's defaults (pkg/kubelet/apis/config/v1beta1/defaults.go). */
export const defaultImageSettings: ImageSettings = {
  serializeImagePulls: true,
  registryPullQPS: 5,
  registryBurst: 10,
  imagePullCredentialsVerificationPolicy: 'NeverVerifyPreloadedImages',
  preloadedImagesVerificationAllowlist: [],
}
