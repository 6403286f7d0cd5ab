import type { KubeletConfiguration } from './kubelet-configuration.ts'

/** How a field is written: `texts` is a map of strings, a record an object with such fields. */
export type Shape =
  'boolean' | 'int32' | 'int64' | 'duration' | 'text' | 'strings' | 'texts' | { [field: string]: Shape }

/** Fields that are honoured. */
export const shapes: Record<keyof KubeletConfiguration, Shape> = {
  evictionHard: 'texts',
  evictionSoft: 'texts',
  evictionSoftGracePeriod: 'texts',
  evictionMinimumReclaim: 'texts',
  evictionMaxPodGracePeriod: 'int32',
  evictionPressureTransitionPeriod: 'duration',
  mergeDefaultEvictionSettings: 'boolean',
  kubeReserved: 'texts',
  systemReserved: 'texts',
  maxPods: 'int32',
  podsPerCore: 'int32',
  podPidsLimit: 'int64',
  containerLogMaxSize: 'text',
  containerLogMaxFiles: 'int32',
  imageGCHighThresholdPercent: 'int32',
  imageGCLowThresholdPercent: 'int32',
  imageMinimumGCAge: 'duration',
  imageMaximumGCAge: 'duration',
  serializeImagePulls: 'boolean',
  maxParallelImagePulls: 'int32',
  registryPullQPS: 'int32',
  registryBurst: 'int32',
  imagePullCredentialsVerificationPolicy: 'text',
  preloadedImagesVerificationAllowlist: 'strings',
  crashLoopBackOff: { maxContainerRestartPeriod: 'duration' },
  allowedUnsafeSysctls: 'strings',
  seccompDefault: 'boolean',
  nodeStatusUpdateFrequency: 'duration',
  nodeStatusReportFrequency: 'duration',
  nodeLeaseDurationSeconds: 'int32',
  nodeStatusMaxImages: 'int32',
}

/** Where upstream can't tell a zero from a field that is left out, and takes its default. */
export const zeroIsDefault: ReadonlySet<string> = new Set([
  'evictionPressureTransitionPeriod',
  'maxPods',
  'containerLogMaxSize',
  'imageMinimumGCAge',
  'registryBurst',
  'nodeStatusUpdateFrequency',
  'nodeStatusReportFrequency',
  'nodeLeaseDurationSeconds',
])

/** Fields of v1.36 that mean nothing here, or not yet: whoever sets one is told so. */
export const ignored: ReadonlySet<string> = new Set(
  `enableServer staticPodPath podLogsDir syncFrequency fileCheckFrequency httpCheckFrequency staticPodURL staticPodURLHeader
  address port readOnlyPort tlsCertFile tlsPrivateKeyFile tlsCipherSuites tlsCurvePreferences tlsMinVersion
  rotateCertificates serverTLSBootstrap authentication authorization eventRecordQPS eventBurst enableDebuggingHandlers enableContentionProfiling
  healthzPort healthzBindAddress oomScoreAdj clusterDomain clusterDNS streamingConnectionIdleTimeout volumeStatsAggPeriod
  kubeletCgroups systemCgroups cgroupRoot cgroupsPerQOS cgroupDriver cpuManagerPolicy singleProcessOOMKill
  cpuManagerPolicyOptions cpuManagerReconcilePeriod memoryManagerPolicy topologyManagerPolicy topologyManagerScope
  topologyManagerPolicyOptions qosReserved runtimeRequestTimeout hairpinMode podCIDR resolvConf runOnce cpuCFSQuota
  cpuCFSQuotaPeriod maxOpenFiles contentType kubeAPIQPS kubeAPIBurst enableControllerAttachDetach protectKernelDefaults
  makeIPTablesUtilChains iptablesMasqueradeBit iptablesDropBit featureGates failSwapOn memorySwap containerLogMaxWorkers
  containerLogMonitorInterval configMapAndSecretChangeDetectionStrategy reservedSystemCPUs showHiddenMetricsForVersion
  systemReservedCgroup kubeReservedCgroup enforceNodeAllocatable volumePluginDir providerID kernelMemcgNotification logging
  enableSystemLogHandler enableSystemLogQuery shutdownGracePeriod shutdownGracePeriodCriticalPods
  shutdownGracePeriodByPodPriority reservedMemory enableProfilingHandler enableDebugFlagsHandler memoryThrottlingFactor
  memoryReservationPolicy registerWithTaints registerNode tracing localStorageCapacityIsolation containerRuntimeEndpoint
  imageServiceEndpoint failCgroupV1 userNamespaces`.split(/\s+/),
)
