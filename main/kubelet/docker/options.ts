import type Docker from 'dockerode'
import type { Clock } from '../../../shared/machinery/clock.ts'
import type { Logger } from '../../../shared/machinery/log.ts'
import type { NodeAgent } from './agent/agent.ts'
import type { Owner } from './labels.ts'
import type { ClusterNetwork } from './network.ts'

/** What the Docker runtime is made of. */
export interface DockerRuntimeOptions {
  docker: Docker
  owner: Owner
  /** Found or created when a sandbox needs it, so that an engine that is down now may be up then. */
  network: () => Promise<ClusterNetwork>
  agent: NodeAgent
  log: Logger
  clock: Clock
  /** In [0, 1). */
  random: () => number
}
