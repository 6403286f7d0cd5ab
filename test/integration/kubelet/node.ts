import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { bootstrap, createSystemNamespaces } from '../../../main/apiserver/bootstrap.ts'
import { createApiServer } from '../../../main/apiserver/server.ts'
import {
  defaultConfiguration,
  type KubeletConfiguration,
} from '../../../main/kubelet/configuration/kubelet-configuration.ts'
import { createKubelet } from '../../../main/kubelet/kubelet.ts'
import type { Kubelet } from '../../../main/kubelet/kubelet.ts'
import type { VolumeHost } from '../../../main/kubelet/host.ts'
import type { RuntimeInfo } from '../../../main/kubelet/runtime.ts'
import { createSimulatedVolumes } from '../../../main/kubelet/simulated/simulated-host.ts'
import { createSimulatedRuntime, type SimulatedOptions } from '../../../main/kubelet/simulated/simulated-runtime.ts'
import type { SimulatedRuntime } from '../../../main/kubelet/simulated/simulated-runtime.ts'
import { builtInResources } from '../../../main/resources/resources.ts'
import { createStore } from '../../../main/store/create-store.ts'
import { configMaps, pods, serviceAccounts } from '../../../shared/api/core.ts'
import type { Pod, PodSpec } from '../../../shared/api/core.ts'
import type { Client } from '../../../shared/client/client.ts'
import { createClient } from '../../../shared/client/create-client.ts'
import { createInformers } from '../../../shared/client/create-informers.ts'
import { silent } from '../../../shared/machinery/log.ts'
import { createFakeClock } from '../../helpers/fake-clock.ts'
import type { FakeClock } from '../../helpers/fake-clock.ts'

/** One simulated node with the real API server and store in this process, on a clock that the test moves. */
export interface TestNode extends AsyncDisposable {
  client: Client
  clock: FakeClock
  runtime: SimulatedRuntime
  /** Set to make the engine unreachable. */
  engine: { fault?: string }
  /** Sandboxes that the network was told of. With `fault` it takes up no more of them. */
  network: { sandboxes: Set<string>; fault?: string }
  volumes: VolumeHost
  /** `reason: message` of each Event, in order. */
  events: string[]
  kubelet(): Kubelet
  /** Stops the kubelet and starts another one over the same runtime. */
  restart(): Promise<void>
  /** A pod on this node, in the namespace default. */
  run(name: string, spec: Partial<PodSpec>): Promise<Pod>
  get(name: string): Promise<Pod>
  /** Moves time by `ms` and waits until `check` passes while the clock stands still. */
  after<T>(ms: number, check: () => Promise<T> | T): Promise<T>
}

/** Real ms that a check may take to pass: only a machine that is busy needs more than a few. */
const patience = 20_000

const masters = { name: 'system:admin', groups: ['system:masters'] }

interface Options {
  /** What the process of a container does; see SimulatedOptions. */
  process?: NonNullable<SimulatedOptions['process']>
  /** Runs hooks and probes as on a real node; commands then fail, since nothing can run them. */
  handlers?: boolean
  /** What differs from the default configuration. */
  configuration?: Partial<KubeletConfiguration>
  /** The directory of manifests of static pods. */
  staticPodPath?: string
}

export async function startNode(options: Options = {}): Promise<TestNode> {
  // A node that does not come up ends what it has begun: threads and timers of it would keep the tests that follow waiting.
  await using stack = new AsyncDisposableStack()
  const directory = await mkdtemp(join(tmpdir(), 'podbay-kubelet-'))
  stack.defer(() => rm(directory, { recursive: true, force: true }))
  const clock = createFakeClock()
  const log = silent
  const random = () => 0.5
  const store = stack.use(await createStore({ directory, log, clock }))
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  // Nothing listens here: the certificates are never looked at.
  const unused = { certificate: '', key: '' }
  const unreachable = async () => {
    throw new Error('the kubelet is called directly')
  }
  const server = stack.use(
    createApiServer({
      store,
      resources: builtInResources,
      authorities: {
        ca: unused,
        serving: unused,
        admin: unused,
        frontProxy: { ca: '', client: unused },
        serviceAccountKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      },
      kubelets: { logs: unreachable, exec: unreachable, attach: unreachable, portForward: unreachable },
      dial: unreachable,
      serviceCidr: '10.96.0.0/16',
      nodePortRange: { from: 30_000, to: 32_767 },
      clock,
      random,
      log,
    }),
  )
  const transport = server.transport(masters)
  await createSystemNamespaces(transport)
  await bootstrap({ transport, serviceIp: '10.96.0.1', addresses: [] })
  const client = createClient(transport)
  await client.create(serviceAccounts, { metadata: { name: 'default', namespace: 'default' } })
  // What every token volume holds; the controller that publishes it does not run here.
  const rootCa = { metadata: { name: 'kube-root-ca.crt', namespace: 'default' }, data: { 'ca.crt': 'none' } }
  await client.create(configMaps, rootCa)
  const informers = stack.use(createInformers({ client, log, clock, random }))
  const events: string[] = []
  const engine: { fault?: string } = {}
  const simulated = stack.use(
    createSimulatedRuntime({ clock, podCIDR: '10.244.1.0/24', ...(options.process && { process: options.process }) }),
  )
  const runtime: SimulatedRuntime = {
    ...simulated,
    name: options.handlers ? 'docker' : 'simulated',
    async info(): Promise<RuntimeInfo> {
      if (engine.fault !== undefined) throw new Error(engine.fault)
      return simulated.info()
    },
  }
  const volumes = createSimulatedVolumes()
  const network: TestNode['network'] = { sandboxes: new Set() }
  const start = () =>
    createKubelet({
      nodeName: 'n1',
      client,
      informers,
      runtime,
      volumes,
      network: {
        async setUp({ id }) {
          network.sandboxes.add(id)
          if (network.fault !== undefined) throw new Error(network.fault)
        },
        async tearDown({ id }) {
          network.sandboxes.delete(id)
        },
      },
      dial: unreachable,
      recorder: { event: (_, __, reason, message) => events.push(`${reason}: ${message}`) },
      clock,
      random,
      log,
      settings: {
        clusterDNS: '10.96.0.10',
        clusterDomain: 'cluster.local',
        addresses: () => [{ type: 'InternalIP', address: '172.18.0.2' }],
        capacity: { cpu: '2' },
        labels: { zone: 'a' },
        configuration: { ...defaultConfiguration, ...options.configuration },
        hostDns: { nameservers: [], searches: [], options: [] },
        kubeletVersion: 'v1.36.0',
        keptLogs: join(directory, 'kept-logs'),
        ...(options.staticPodPath !== undefined && { staticPodPath: options.staticPodPath }),
      },
    })
  let kubelet = start()
  stack.defer(() => kubelet[Symbol.asyncDispose]())
  await inTime(kubelet.registered)

  const get = (name: string) => client.get(pods, { namespace: 'default', name })
  const owned = stack.move()
  return {
    client,
    clock,
    runtime,
    engine,
    network,
    volumes,
    events,
    kubelet: () => kubelet,
    async restart() {
      await kubelet[Symbol.asyncDispose]()
      kubelet = start()
      await inTime(kubelet.registered)
    },
    run: (name, spec) =>
      client.create(pods, {
        metadata: { name, namespace: 'default' },
        spec: {
          nodeName: 'n1',
          containers: [{ name: 'app', image: 'nginx:1', imagePullPolicy: 'IfNotPresent' }],
          ...spec,
        },
      }),
    get,
    async after(ms, check) {
      await clock.advance(ms)
      // The store commits in a thread of its own; what waits for it may set timers that are due at once.
      const end = Date.now() + patience
      for (;;) {
        try {
          return await check()
        } catch (error) {
          if (Date.now() > end) throw error
          await new Promise(resolve => setTimeout(resolve, 5))
          await clock.advance(0)
        }
      }
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

async function inTime(registered: Promise<void>) {
  const late = new AbortController()
  const end = sleep(patience, undefined, { signal: late.signal }).then(() => {
    throw new Error(`The node was not registered within ${patience / 1000} s`)
  })
  await Promise.race([registered, end]).finally(() => late.abort())
}
