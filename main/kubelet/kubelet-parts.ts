import type { Pod, Service } from '../../shared/api/core.ts'
import type { Client } from '../../shared/client/client.ts'
import type { EventRecorder } from '../../shared/client/recorder.ts'
import type { Clock } from '../../shared/machinery/clock.ts'
import type { Logger } from '../../shared/machinery/log.ts'
import type { Refusal } from './admission/admission.ts'
import type { BackOff } from './container/back-off.ts'
import type { Handlers } from './container/handlers.ts'
import type { PodNetwork, VolumeHost } from './host.ts'
import type { ImageGarbage } from './images/image-garbage.ts'
import type { Images } from './images/images.ts'
import type { KeptLogs } from './node/kept-logs.ts'
import type { ObjectReader } from './object-reader.ts'
import type { Relist } from './pod/relist.ts'
import type { Prober } from './probes/prober.ts'
import type { Runtime } from './runtime.ts'
import type { KubeletSettings } from './settings.ts'
import type { StatusWriter } from './status/status-writer.ts'
import type { Volumes } from './volumes/volumes.ts'

/** What all pod workers of one node share. */
export interface KubeletParts {
  nodeName: string
  client: Client
  runtime: Runtime
  host: VolumeHost
  volumes: Volumes
  network: PodNetwork
  images: Images
  /** Where images are collected at all. */
  imageGarbage?: ImageGarbage
  handlers: Handlers
  prober: Prober
  statuses: StatusWriter
  /** Where logs of deleted pods are kept at all. */
  keptLogs?: KeptLogs
  recorder: EventRecorder
  read: ObjectReader
  /** Of containers that exit again and again. */
  crashes: BackOff
  clock: Clock
  random: () => number
  log: Logger
  settings: KubeletSettings
  /** Aborts when the kubelet stops. */
  signal: AbortSignal
  /** All Services the kubelet knows. */
  services(): Service[]
  /** What a container without a limit may use, and the node's memory in bytes. */
  allocatable(): { quantities: Record<string, string>; memory: number }
  hostIP(): string
  /** Whether the engine can make a mount read-only with all that is mounted below it. */
  mountsRecursively(): boolean
  /** Why the node can't take the pod as its spec is now. For a critical one it makes room: others end. */
  refusal(pod: Pod): Refusal | undefined
  /** There may be room now: decides upon all resizes that wait for it. */
  retryResizes(): void
  /** Whether the node is reported as Ready: while it is not, its pods are not either, whatever their probes say. */
  nodeReady(): boolean
  /** The runtime's records, for when every pod asks. */
  relist: Relist
}
