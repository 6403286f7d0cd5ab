import type { KubeletConfiguration } from './configuration/kubelet-configuration.ts'
import type { DnsConfig } from './container/dns.ts'
import type { ImageSettings } from './images/image-settings.ts'

/** What is configured for one node; nothing of it changes while the kubelet runs, except what is a function. */
export interface KubeletSettings {
  /** The cluster DNS Service's IP; '' if there is none, then every pod has the host's resolvers. */
  clusterDNS: string
  /** `cluster.local` */
  clusterDomain: string
  /** The node's addresses; asked anew for each status, since a node agent's address is known only once it runs. */
  addresses(): { type: string; address: string }[]
  /** Quantities; `cpu` and `memory` default to the engine's, `pods` to what is configured. */
  capacity: Record<string, string>
  /** Beyond hostname, os and arch. */
  labels: Record<string, string>
  /** False: the Node object is made by others, and where there is none the kubelet makes none (upstream's --register-node). */
  registerNode?: boolean
  /** Milliseconds between renewals of the node's Lease; a quarter of its duration if not given. */
  leaseRenewal?: number
  /** A directory of manifests of static pods; made if it is missing, in one that is there. */
  staticPodPath?: string
  /** A directory of the seccomp profiles that pods name by `localhostProfile`; need not be there. */
  seccompProfiles?: string
  /** Where the last output of pods that were deleted is kept; made when there is some. None is kept if not given. */
  keptLogs?: string
  /** Upstream's defaults if not given, but that no image is removed. */
  images?: ImageSettings
  configuration: KubeletConfiguration
  /** The resolvers of the host, for dnsPolicy Default and names outside of the cluster. */
  hostDns: DnsConfig
  /** `v1.36.0` */
  kubeletVersion: string
}
