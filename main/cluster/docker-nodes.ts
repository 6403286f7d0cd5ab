import type Docker from 'dockerode'
import { join } from 'node:path'
import type { Config } from '../config.ts'
import { connectDocker } from '../kubelet/docker/connect.ts'
import { inTurn } from '../kubelet/docker/in-turn.ts'
import { ensureNetwork } from '../kubelet/docker/network.ts'
import { createPullRecords } from '../kubelet/images/pull-records.ts'
import { haltNode, nodesOf, removeNode } from '../kubelet/docker/remove-cluster.ts'
import type { Informers } from '../../shared/client/informer.ts'
import type { Clock } from '../../shared/machinery/clock.ts'
import type { Logger } from '../../shared/machinery/log.ts'
import type { ControlPlane } from './control-plane.ts'
import { createDockerNode } from './docker-node.ts'
import type { NodeParts } from './node-parts.ts'
import { recordFile } from './record-file.ts'

/**
 * The nodes of one cluster on a Docker Engine. All but `create` reject while the engine does not answer; disposing cuts
 * them off.
 */
export interface DockerNodes extends Disposable {
  create(nodeName: string): Promise<NodeParts>
  /** Names of the nodes of which something is left there, or runs. */
  names(): Promise<Set<string>>
  /** Ends at once what runs on a node, as a power failure would. Its kubelet has ended before. */
  halt(nodeName: string): Promise<void>
  /** Removes what a node has and had, for good. Its kubelet has ended before. */
  remove(nodeName: string): Promise<void>
}

interface Options {
  config: Config
  plane: ControlPlane
  informers: Informers
  clock: Clock
  log: Logger
}

export function createDockerNodes({ config, ...shared }: Options): DockerNodes {
  const connections = new Set<Disposable>()
  /** Over a connection of its own: the node's has ended with it. */
  async function connected<T>(work: (docker: Docker) => Promise<T>): Promise<T> {
    using connection = connectDocker(shared)
    connections.add(connection)
    try {
      // Unlike other questions this one is given up when nobody answers.
      await connection.docker.ping()
      return await work(connection.docker)
    } finally {
      connections.delete(connection)
    }
  }
  const pullRecords = createPullRecords({ ...shared, file: recordFile(join(config.dataDir, 'pulled-images.json')) })
  /** For one node after the other: those that asked at once could each be given a network of its own. */
  const network = inTurn((docker: Docker) => ensureNetwork(docker, { cluster: config.name }))
  const ownerOf = (node: string) => ({ cluster: config.name, node })
  return {
    create: nodeName =>
      createDockerNode({ ...shared, config, pullRecords, network, nodeName, serves: nodeName === config.nodeName }),
    names: () => connected(docker => nodesOf(docker, config.name)),
    halt: nodeName => connected(docker => haltNode(docker, ownerOf(nodeName))),
    remove: nodeName => connected(docker => removeNode(docker, ownerOf(nodeName), { image: config.agentImage })),
    [Symbol.dispose]() {
      for (const connection of connections) connection[Symbol.dispose]()
    },
  }
}
