import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { pods } from '../shared/api/core.ts'
import type { ApiTransport } from '../shared/client/client.ts'
import { createClient } from '../shared/client/create-client.ts'
import { createInformers } from '../shared/client/create-informers.ts'
import { runController } from '../shared/client/run-controller.ts'
import type { HostStatus } from '../shared/contract/host.ts'
import type { Clock } from '../shared/machinery/clock.ts'
import type { Logger } from '../shared/machinery/log.ts'
import type { ExecOptions, ExecSession } from '../shared/machinery/streams.ts'
import { createControlPlane } from './cluster/control-plane.ts'
import { watchDocker } from './cluster/docker-status.ts'
import { systemMasters } from './cluster/identities.ts'
import { createKubelets } from './cluster/kubelets.ts'
import { createLiveKinds } from './cluster/live-kinds.ts'
import { createNodes } from './cluster/nodes.ts'
import { createPodNetwork } from './cluster/pod-network.ts'
import type { Config } from './config.ts'
import { controllers } from './controllers/controllers.ts'
import { readConfiguration as readKubeletConfiguration } from './kubelet/configuration/read-configuration.ts'
import { createScheduler, type Scheduler } from './scheduler/create-scheduler.ts'
import { readConfiguration } from './scheduler/read-configuration.ts'

type ClusterStatus = Omit<HostStatus, 'process'>

/** A running cluster. Disposing it stops the engine's side; the pods go on, and the next one adopts them. */
export interface Cluster extends AsyncDisposable {
  readonly server: string
  readonly kubeconfig: string
  readonly runtime: Config['runtime']
  /** What was configured and has no effect. */
  readonly warnings: readonly string[]
  readonly status: { current(): ClusterStatus; subscribe(listener: () => void): Disposable }
  /** The window's way to the API, as the cluster's administrator. */
  readonly transport: ApiTransport
  /** Why a pod waits for a node, or is where it is. */
  readonly decision: Scheduler['decision']
  readonly openExec: (
    target: { namespace: string; pod: string; container: string },
    options: ExecOptions,
  ) => Promise<ExecSession>
}

interface Options {
  config: Config
  clock: Clock
  log: Logger
}

/** Kubernetes' version that this cluster's node reports. */
const version = 'v1.36.0'

/**
 * Builds the cluster in the order in which its parts need each other and stops it in reverse. It resolves when clients
 * can connect; nodes become Ready by themselves, whatever Docker does meanwhile.
 */
export async function createCluster({ config, clock, log }: Options): Promise<Cluster> {
  const profiles = readConfiguration(config.schedulerConfig)
  const kubelet = readKubeletConfiguration(config.kubeletConfig)
  await using starting = new AsyncDisposableStack()
  const random = Math.random
  const kubelets = createKubelets()
  const podNetwork = createPodNetwork()
  const { dial } = podNetwork
  const plane = starting.use(await createControlPlane({ config, kubelets, dial, clock, log }))
  const clientOf = (user: string) => createClient(plane.apiServer.transport(systemMasters(user)))

  const informers = starting.use(
    createInformers({ client: clientOf('system:kube-controller-manager'), log, clock, random }),
  )
  const kinds = starting.use(createLiveKinds({ kinds: plane.apiServer.kinds, informers }))
  const rootCa = plane.authorities.ca.certificate
  for (const controller of controllers({ kinds, rootCa, signer: plane.apiServer.signer, clock })) {
    const client = clientOf(`system:serviceaccount:kube-system:${controller.name}-controller`)
    starting.use(runController(controller, { client, informers, clock, random, log }))
  }
  const scheduler = starting.use(
    createScheduler({ client: clientOf('system:kube-scheduler'), informers, clock, random, log, profiles }),
  )

  const manifests = join(config.dataDir, 'manifests')
  await mkdir(manifests, { recursive: true })
  const nodes = starting.use(
    await createNodes({
      firstName: config.nodeName,
      ...(config.runtime === 'docker' && {
        docker: (await import('./cluster/docker-nodes.ts')).createDockerNodes({ config, plane, informers, clock, log }),
      }),
      dependencies: {
        clientOf,
        informers,
        kubelets,
        clusterDNS: plane.clusterIps.dns,
        clusterDomain: config.clusterDomain,
        kubeletVersion: version,
        kubeletConfiguration: kubelet.configuration,
        manifests,
        seccompProfiles: join(config.dataDir, 'seccomp'),
        keptLogs: join(config.dataDir, 'kept-logs'),
        clock,
        random,
        log,
      },
    }),
  )
  podNetwork.use(nodes.dial)

  const listeners = new Set<() => void>()
  const changed = () => listeners.forEach(listener => listener())
  const docker = starting.use(watchDocker({ runtime: nodes.first.runtime, installed: config.dockerInstalled, changed }))
  const administrator = clientOf('kubernetes-admin')
  const { server } = plane
  const owned = starting.move()
  return {
    server,
    kubeconfig: config.kubeconfig,
    runtime: config.runtime,
    warnings: kubelet.ignored.map(field => `--kubelet-config: ${field} has no effect here`),
    transport: administrator.transport,
    status: {
      current: () => ({
        cluster: config.name,
        version,
        state: 'running',
        message: '',
        server,
        kubeconfig: config.kubeconfig,
        runtime: config.runtime,
        docker: docker.current(),
      }),
      subscribe(listener) {
        listeners.add(listener)
        return { [Symbol.dispose]: () => void listeners.delete(listener) }
      },
    },
    decision: pod => scheduler.decision(pod),
    async openExec({ namespace, pod, container }, options) {
      return kubelets.exec(await administrator.get(pods, { namespace, name: pod }), container, options)
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
