import type { CredentialVerification } from '../images/image-settings.ts'

/**
 * What a KubeletConfiguration (kubelet.config.k8s.io/v1beta1, k8s.io/kubelet/config/v1beta1/types.go) says as far as it
 * means something here. Durations are in milliseconds; quantities and thresholds are as they were written.
 */
export interface KubeletConfiguration {
  /** By signal: a quantity, or a percentage of the capacity. */
  evictionHard: Record<string, string>
  evictionSoft: Record<string, string>
  /** By signal: a Go duration. */
  evictionSoftGracePeriod: Record<string, string>
  evictionMinimumReclaim: Record<string, string>
  /** Seconds that a pod gets at most when a soft threshold ends it. */
  evictionMaxPodGracePeriod: number
  /** How long a node stays under pressure after a threshold was last met. */
  evictionPressureTransitionPeriod: number
  /** Whether signals that `evictionHard` leaves out have their default thresholds. */
  mergeDefaultEvictionSettings: boolean
  /** By resource: a quantity that pods don't get. */
  kubeReserved: Record<string, string>
  systemReserved: Record<string, string>
  maxPods: number
  /** 0: as many as `maxPods`. */
  podsPerCore: number
  /** Processes; -1: no limit. */
  podPidsLimit: number
  /** A quantity of bytes; negative: logs are not rotated. */
  containerLogMaxSize: string
  containerLogMaxFiles: number
  /** Percent of the disk that is used; 100: images are not collected because of it. */
  imageGCHighThresholdPercent: number
  imageGCLowThresholdPercent: number
  imageMinimumGCAge: number
  /** 0: images are not collected because of their age. */
  imageMaximumGCAge: number
  serializeImagePulls: boolean
  /** Without a number: no limit but `serializeImagePulls`. */
  maxParallelImagePulls?: number
  /** 0: no limit. */
  registryPullQPS: number
  registryBurst: number
  imagePullCredentialsVerificationPolicy: CredentialVerification
  preloadedImagesVerificationAllowlist: string[]
  crashLoopBackOff: { maxContainerRestartPeriod: number }
  /** Names, or beginnings of names that end in `*`. */
  allowedUnsafeSysctls: string[]
  /** Whether containers without a seccomp profile have the engine's. */
  seccompDefault: boolean
  /** The node is looked at when something happens; this is only what `nodeStatusReportFrequency` defaults to. */
  nodeStatusUpdateFrequency: number
  nodeStatusReportFrequency: number
  nodeLeaseDurationSeconds: number
  /** -1: all. */
  nodeStatusMaxImages: number
}

/** pkg/kubelet/eviction/defaults_linux.go. */
export const defaultEvictionHard: Readonly<Record<string, string>> = {
  'memory.available': '100Mi',
  'nodefs.available': '10%',
  'nodefs.inodesFree': '5%',
  'imagefs.available': '15%',
  'imagefs.inodesFree': '5%',
}

/** Upstream's, which apply as soon as somebody sets one of them. */
export const defaultImageGC = { imageGCHighThresholdPercent: 85, imageGCLowThresholdPercent: 80 }

/**
 * Upstream's (pkg/kubelet/apis/config/v1beta1/defaults.go) but for three: no image of the user's engine is collected unasked,
 * a fork bomb must not take the user's desktop with it, and the engine's own seccomp profile stays on.
 */
export const defaultConfiguration: KubeletConfiguration = {
  evictionHard: defaultEvictionHard,
  evictionSoft: {},
  evictionSoftGracePeriod: {},
  evictionMinimumReclaim: {},
  evictionMaxPodGracePeriod: 0,
  evictionPressureTransitionPeriod: 5 * 60_000,
  mergeDefaultEvictionSettings: false,
  kubeReserved: {},
  systemReserved: {},
  maxPods: 110,
  podsPerCore: 0,
  podPidsLimit: 4096,
  containerLogMaxSize: '10Mi',
  containerLogMaxFiles: 5,
  imageGCHighThresholdPercent: 100,
  imageGCLowThresholdPercent: 80,
  imageMinimumGCAge: 2 * 60_000,
  imageMaximumGCAge: 0,
  serializeImagePulls: true,
  registryPullQPS: 5,
  registryBurst: 10,
  imagePullCredentialsVerificationPolicy: 'NeverVerifyPreloadedImages',
  preloadedImagesVerificationAllowlist: [],
  crashLoopBackOff: { maxContainerRestartPeriod: 300_000 },
  allowedUnsafeSysctls: [],
  seccompDefault: true,
  nodeStatusUpdateFrequency: 10_000,
  nodeStatusReportFrequency: 5 * 60_000,
  nodeLeaseDurationSeconds: 40,
  nodeStatusMaxImages: 50,
}
