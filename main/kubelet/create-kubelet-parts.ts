import { services, type Node } from '../../shared/api/core.ts'
import { sleep } from '../../shared/client/sleep.ts'
import { createNodeAdmission } from './admission/node-admission.ts'
import { createBackOff } from './container/back-off.ts'
import { createHandlers, simulatedHandlers } from './container/handlers.ts'
import { createNodeImages } from './images/node-images.ts'
import type { KubeletOptions } from './kubelet-options.ts'
import type { KubeletParts } from './kubelet-parts.ts'
import { createKeptLogs } from './node/kept-logs.ts'
import { nodeCapacity, readiness } from './node/node-status.ts'
import type { NodeRegistration } from './node/register-node.ts'
import { createObjectReader } from './object-reader.ts'
import type { PodWorkers } from './pod/pod-workers.ts'
import { createRelist } from './pod/relist.ts'
import { createProber } from './probes/prober.ts'
import { allocatableOf } from './resources/allocatable.ts'
import { valueOf } from './resources/quantities.ts'
import type { StaticPods } from './static-pods/static-pods.ts'
import { createStatusWriter } from './status/status-writer.ts'
import { createVolumes } from './volumes/volumes.ts'

interface Options extends KubeletOptions {
  registration: NodeRegistration
  /** As the API has it. */
  node: () => Node | undefined
  apiUid: StaticPods['apiUid']
  /** Made with these parts, so not yet asked for here. */
  workers: () => PodWorkers
  /** Aborts when the kubelet stops. */
  signal: AbortSignal
  /** Ends what the parts begin with. */
  stack: AsyncDisposableStack
}

/** Makes what the pods of a node share, as it is configured for the node. */
export function createKubeletParts(options: Options): KubeletParts {
  const { nodeName, client, informers, runtime, recorder, clock, log, settings } = options
  const { registration, node, workers, signal, stack } = options
  const { allowedUnsafeSysctls, crashLoopBackOff } = settings.configuration
  const longestCrash = crashLoopBackOff.maxContainerRestartPeriod
  const serviceLister = informers.informer(services)
  const read = createObjectReader(client)
  const handlers =
    runtime.name === 'simulated'
      ? simulatedHandlers
      : createHandlers({ runtime, dial: options.dial, recorder, sleep: (ms, signal) => sleep(clock, ms, signal) })
  const { images, garbage } = stack.use(
    createNodeImages({
      runtime,
      read,
      recorder,
      settings: settings.images,
      records: options.pullRecords,
      changed: () => registration.check(),
      pods: () =>
        workers()
          .states()
          .flatMap(({ pod }) => pod ?? []),
      node,
      clock,
      log,
    }),
  )

  function allocatable() {
    const all = nodeCapacity(settings, registration.info)
    return { quantities: allocatableOf(all, settings.configuration), memory: valueOf(all['memory']) }
  }

  /** The node as it is, or as it will be registered. */
  function nodeOrItsDraft(): Node {
    const known = node()
    if (known?.status?.allocatable) return known
    const metadata = { name: nodeName, uid: '', labels: settings.labels }
    return { metadata, status: { allocatable: allocatable().quantities } }
  }

  return {
    nodeName,
    client,
    runtime,
    host: options.volumes,
    volumes: createVolumes(options.volumes),
    network: options.network,
    images,
    ...(garbage && { imageGarbage: garbage }),
    handlers,
    prober: stack.use(createProber({ handlers, recorder, clock, changed: uid => workers().get(uid)?.wake() })),
    statuses: createStatusWriter({ client, apiUid: options.apiUid, clock, log, signal }),
    ...(settings.keptLogs !== undefined && {
      keptLogs: createKeptLogs({ directory: settings.keptLogs, runtime, clock, log }),
    }),
    recorder,
    read,
    crashes: createBackOff({ clock, initial: Math.min(10_000, longestCrash), max: longestCrash }),
    clock,
    random: options.random,
    log,
    settings,
    signal,
    services: () => serviceLister.list(),
    allocatable,
    hostIP: () => settings.addresses().find(a => a.type === 'InternalIP')?.address ?? '',
    mountsRecursively: () => registration.info?.recursiveReadOnly ?? false,
    refusal: createNodeAdmission({
      states: () => workers().states(),
      node: nodeOrItsDraft,
      appArmor: () => registration.info?.appArmor ?? true,
      allowedUnsafeSysctls,
      end: (uid, failure) => workers().get(uid)?.fail(failure),
    }),
    retryResizes: () => workers().retryResizes(),
    nodeReady: () => readiness(node()?.status) === 'True',
    relist: createRelist(runtime),
  }
}
