import type Docker from 'dockerode'
import { getServers } from 'node:dns'
import type { Config } from '../config.ts'
import { createNodeAgent } from '../kubelet/docker/agent/agent.ts'
import { createNetworkNamespaces } from '../kubelet/docker/agent/network-namespace.ts'
import { openTunnel } from '../kubelet/docker/agent/tunnel.ts'
import { connectDocker } from '../kubelet/docker/connect.ts'
import { createDockerRuntime } from '../kubelet/docker/docker-runtime.ts'
import { createLogFiles } from '../kubelet/docker/log-files.ts'
import { lazily } from '../kubelet/docker/lazily.ts'
import { isLocalAddress, type ClusterNetwork } from '../kubelet/docker/network.ts'
import { singly } from '../kubelet/docker/singly.ts'
import { createDockerVolumeStore } from '../kubelet/docker/volume-store.ts'
import { createVolumeHost } from '../kubelet/docker/volumes.ts'
import type { PullRecords } from '../kubelet/images/pull-records.ts'
import { createDialer } from '../network/dialer.ts'
import { createDns } from '../network/dns/dns.ts'
import { createServiceProxy } from '../network/service-proxy/service-proxy.ts'
import type { Informers } from '../../shared/client/informer.ts'
import type { Clock } from '../../shared/machinery/clock.ts'
import type { Logger } from '../../shared/machinery/log.ts'
import { awaitAgent } from './agent-readiness.ts'
import type { ControlPlane } from './control-plane.ts'
import { engineAddress } from './engine-address.ts'
import { createGateway } from './gateway.ts'
import type { NodeParts } from './node-parts.ts'

interface Options {
  config: Config
  nodeName: string
  /** Whether this is the node by which pods of all nodes reach the engine. */
  serves: boolean
  /** Of all nodes on this engine. */
  pullRecords: PullRecords
  /** The network of all nodes, as the engine has it now. */
  network: (docker: Docker) => Promise<ClusterNetwork>
  plane: ControlPlane
  informers: Informers
  clock: Clock
  log: Logger
}

/** A node whose pods are containers of the user's Docker Engine, found as the docker command finds it (DOCKER_HOST). */
export async function createDockerNode(options: Options): Promise<NodeParts> {
  const { config, nodeName: node, serves, pullRecords, plane, informers, clock, log } = options
  const cluster = config.name
  await using starting = new AsyncDisposableStack()
  const connection = connectDocker({ clock })
  const { docker } = connection
  const owner = { cluster, node }
  /** Looked for each time, since it may be removed while no pod is in it. */
  const network = singly(() => options.network(docker))
  const local = lazily(async () => isLocalAddress((await network()).gateway))
  const image = { image: config.agentImage, base: config.agentBaseImage }
  let tell: (line: string) => void = () => undefined
  const onProgress = (line: string) => {
    log.info('Node agent', { progress: line })
    tell(line)
  }
  let lost: () => void = () => undefined
  const onLost = () => lost()
  const agent = starting.use(createNodeAgent({ docker, owner, network, image, log, onProgress, onLost }))
  const engine = starting.use(
    await createDockerRuntime({ docker, owner, network, agent, log, clock, random: Math.random }),
  )
  const readiness = starting.use(awaitAgent({ runtime: engine, agent, clock }))
  const { runtime } = readiness
  tell = line => readiness.progress(line)
  const proxy = starting.use(
    createServiceProxy({
      informers,
      namespaces: createNetworkNamespaces({ docker, agent }),
      nodeContainer: () => agent.containerId(),
      engine: async () => engineAddress(await network(), agent),
      node,
      serviceRange: config.serviceClusterIpRange,
      clock,
      log,
    }),
  )
  // A new agent may have another address, and has no rules.
  lost = () => {
    readiness.lost()
    proxy.recheck()
  }
  if (serves) {
    const dns = createDns({ informers, domain: config.clusterDomain, resolvers: getServers, clock, log })
    starting.use(createGateway({ plane, dns, network, agent, runtime, clock, log }))
  }
  const dial = createDialer({ direct: local.get, tunnel: target => openTunnel(agent, target) })

  // Ended before all others: they wait for what is under way, and the engine may never answer.
  starting.use(connection)
  const owned = starting.move()
  return {
    runtime,
    volumes: createVolumeHost({ docker, agent, owner }),
    volumeStore: createDockerVolumeStore({ docker, agent, owner }),
    network: proxy,
    logFiles: createLogFiles({ docker, agent, owner }),
    pullRecords,
    dial: (host, port, signal) => dial({ host, port, signal }),
    addresses() {
      const address = readiness.address()
      return [...(address ? [{ type: 'InternalIP', address }] : []), { type: 'Hostname', address: node }]
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
