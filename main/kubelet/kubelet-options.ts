import type { Client } from '../../shared/client/client.ts'
import type { Informers } from '../../shared/client/informer.ts'
import type { EventRecorder } from '../../shared/client/recorder.ts'
import type { Clock } from '../../shared/machinery/clock.ts'
import type { Logger } from '../../shared/machinery/log.ts'
import type { LogFiles } from './container/log-files.ts'
import type { PodNetwork, VolumeHost } from './host.ts'
import type { PullRecords } from './images/pull-records.ts'
import type { Dial } from './probes/dial.ts'
import type { Runtime } from './runtime.ts'
import type { KubeletSettings } from './settings.ts'

/** What a kubelet is given: its node's engine and network, the API, and what is configured. */
export interface KubeletOptions {
  nodeName: string
  client: Client
  informers: Informers
  runtime: Runtime
  volumes: VolumeHost
  network: PodNetwork
  /** How HTTP, TCP and gRPC probes and hooks reach a pod. */
  dial: Dial
  /** Of all nodes on the runtime's engine; if not given, this kubelet remembers for itself what it pulled. */
  pullRecords?: PullRecords
  recorder: EventRecorder
  clock: Clock
  random: () => number
  log: Logger
  settings: KubeletSettings
  /** The node's own /var/log. */
  logFiles?: LogFiles
}
