import { configMaps, nodes, persistentVolumeClaims, pods, secrets, services } from '../../shared/api/core.ts'
import type { Node, Pod } from '../../shared/api/core.ts'
import { jsonEqual } from '../../shared/machinery/json-value.ts'
import type { KubeObject } from '../../shared/api/object.ts'
import type { ResourceRef } from '../../shared/api/ref.ts'
import type { Client } from '../../shared/client/client.ts'
import type { Informers } from '../../shared/client/informer.ts'
import type { EventRecorder } from '../../shared/client/recorder.ts'
import { sleep } from '../../shared/client/sleep.ts'
import type { Clock } from '../../shared/machinery/clock.ts'
import type { Logger } from '../../shared/machinery/log.ts'
import { allocatableOf } from './resources/allocatable.ts'
import { createNodeAdmission } from './admission/node-admission.ts'
import { createBackOff } from './container/back-off.ts'
import { createContainerAccess } from './container/container-access.ts'
import type { ContainerAccess } from './container/container-access.ts'
import { createHandlers, simulatedHandlers } from './container/handlers.ts'
import type { Dial } from './probes/dial.ts'
import type { PodNetwork, VolumeHost } from './host.ts'
import { createNodeImages } from './images/node-images.ts'
import type { PullRecords } from './images/pull-records.ts'
import { createKeptLogs } from './node/kept-logs.ts'
import type { KubeletParts } from './kubelet-parts.ts'
import { together, type LogFiles } from './container/log-files.ts'
import { nodeCapacity } from './node/node-status.ts'
import { createObjectReader } from './object-reader.ts'
import { createPodWorker } from './pod/pod-worker.ts'
import type { PodWorker } from './pod/pod-worker.ts'
import { isOver } from './pod/pod-records.ts'
import { createProber } from './probes/prober.ts'
import { valueOf } from './resources/quantities.ts'
import { createNodePressure, type NodePressure } from './eviction/node-pressure.ts'
import { registerNode } from './node/register-node.ts'
import { createRelist } from './pod/relist.ts'
import { allocate, inOrder } from './resize/allocate.ts'
import type { PodIdentity, Runtime, RuntimeEvent } from './runtime.ts'
import { createKubeletServer } from './server/kubelet-server.ts'
import type { KubeletServer } from './server/kubelet-server.ts'
import type { KubeletSettings } from './settings.ts'
import { fromApi, isMirror } from './static-pods/manifest.ts'
import { createMirrors } from './static-pods/mirrors.ts'
import { createStaticPods } from './static-pods/static-pods.ts'
import { createStatusWriter } from './status/status-writer.ts'
import { createVolumes } from './volumes/volumes.ts'

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

/** One node's kubelet. Disposing it leaves the pods running; the next one adopts them. */
export interface Kubelet extends ContainerAccess, AsyncDisposable {
  /** What it tells of itself over `nodes/proxy`. */
  readonly api: KubeletServer['answer']
  readonly nodeName: string
  /** Resolves when the Node object is there and reported. */
  readonly registered: Promise<void>
}

export function createKubelet(options: KubeletOptions): Kubelet {
  const { nodeName, client, informers, runtime, volumes: host, recorder, clock, settings } = options
  const log = options.log.with({ node: nodeName })
  const { allowedUnsafeSysctls, crashLoopBackOff } = settings.configuration
  const longestCrash = crashLoopBackOff.maxContainerRestartPeriod
  const stop = new AbortController()
  const stack = new AsyncDisposableStack()
  const workers = new Map<string, PodWorker>()
  /** Pods that are done with, until the informer has seen their end, too. */
  const finished = new Set<string>()
  /** Until the first list is in, pods may have been started by an earlier kubelet. */
  let adopting = true
  const relist = createRelist(runtime)
  const node = stack.use(registerNode({ ...options, log, pressure: () => pressure.conditions() }))
  const handlers =
    runtime.name === 'simulated'
      ? simulatedHandlers
      : createHandlers({ runtime, dial: options.dial, recorder, sleep: (ms, signal) => sleep(clock, ms, signal) })
  const prober = stack.use(createProber({ handlers, recorder, clock, changed: uid => workers.get(uid)?.wake() }))
  const serviceLister = informers.informer(services)
  const nodeLister = informers.informer(nodes)
  const podLister = informers.informer(pods)
  const ownNode = () => nodeLister.get({ namespace: '', name: nodeName })
  const staticPods = stack.use(
    createStaticPods({
      directory: settings.staticPodPath,
      nodeName,
      mirrors: createMirrors(client),
      shown: () => podLister.list().filter(pod => pod.spec.nodeName === nodeName && isMirror(pod)),
      node: ownNode,
      run(pod) {
        take(pod, true)
        // A new mirror waits for its status.
        if (pod.status?.startTime === undefined) workers.get(pod.metadata.uid)?.wake()
      },
      clock,
      log,
    }),
  )
  const read = createObjectReader(client)
  const nodeImages = stack.use(
    createNodeImages({
      runtime,
      read,
      recorder,
      settings: settings.images,
      records: options.pullRecords,
      changed: () => node.check(),
      pods: () => [...workers.values()].flatMap(({ state }) => state.pod ?? []),
      node: ownNode,
      clock,
      log,
    }),
  )

  const keptLogs =
    settings.keptLogs === undefined ? undefined : createKeptLogs({ directory: settings.keptLogs, runtime, clock, log })
  const parts: KubeletParts = {
    nodeName,
    client,
    runtime,
    host,
    volumes: createVolumes(host),
    network: options.network,
    images: nodeImages.images,
    ...(nodeImages.garbage && { imageGarbage: nodeImages.garbage }),
    handlers,
    prober,
    statuses: createStatusWriter({ client, apiUid: staticPods.apiUid, clock, log, signal: stop.signal }),
    recorder,
    ...(keptLogs && { keptLogs }),
    read,
    crashes: createBackOff({ clock, initial: Math.min(10_000, longestCrash), max: longestCrash }),
    clock,
    random: options.random,
    log,
    settings,
    signal: stop.signal,
    services: () => serviceLister.list(),
    allocatable() {
      const all = nodeCapacity(settings, node.info)
      return { quantities: allocatableOf(all, settings.configuration), memory: valueOf(all['memory']) }
    },
    mountsRecursively: () => node.info?.recursiveReadOnly ?? false,
    hostIP: () => settings.addresses().find(a => a.type === 'InternalIP')?.address ?? '',
    refusal: createNodeAdmission({
      states: () => [...workers.values()].map(({ state }) => state),
      node: nodeOrItsDraft,
      appArmor: () => node.info?.appArmor ?? true,
      allowedUnsafeSysctls,
      end: (uid, failure) => workers.get(uid)?.fail(failure),
    }),
    retryResizes,
    nodeReady: () => readiness(ownNode()) === 'True',
    relist: uid => relist.pod(uid),
  }

  const pressure: NodePressure = stack.use(
    createNodePressure({
      parts,
      node: ownNode,
      capacity: () => nodeCapacity(settings, node.info),
      info: () => node.info,
      states: () => [...workers.values()].map(({ state }) => state),
      evict: (uid, failure) => workers.get(uid)?.fail(failure),
      changed: () => node.check(),
    }),
  )

  /** The node as it is, or as it will be registered. */
  function nodeOrItsDraft(): Node {
    const known = ownNode()
    if (known?.status?.allocatable) return known
    const { quantities } = parts.allocatable()
    return { metadata: { name: nodeName, uid: '', labels: settings.labels }, status: { allocatable: quantities } }
  }

  function worker(identity: PodIdentity, adopt: boolean): PodWorker {
    const { uid } = identity
    const made = createPodWorker({
      identity,
      parts,
      adopt,
      done() {
        workers.delete(uid)
        // One that is gone is told of no more, and a manifest may come back.
        if (!staticPods.ended(uid) && !made.state.gone) finished.add(uid)
        retryResizes()
      },
    })
    workers.set(uid, made)
    return made
  }

  /** Room was made: pods that wait for it are decided upon in order, and told. */
  function retryResizes() {
    for (const state of inOrder([...workers.values()].map(each => each.state))) {
      const before = state.resize.pending?.message
      if (state.pod) allocate(state, state.pod, parts)
      if (state.resize.pending?.message !== before) workers.get(state.identity.uid)?.wake()
    }
  }

  function seen(pod: Pod) {
    if (pod.spec.nodeName !== nodeName) return
    if (isMirror(pod)) staticPods.changed()
    else take(fromApi(pod), adopting)
  }

  /** `adopt`: an earlier kubelet may have started it. */
  function take(pod: Pod, adopt: boolean) {
    const { uid, name, namespace = '' } = pod.metadata
    if (finished.has(uid)) return
    const known = workers.get(uid)
    if (known) {
      known.update(pod)
      return
    }
    pressure.watch()
    const refusal = refusalFor(pod)
    const made = worker({ uid, name, namespace }, adopt)
    made.update(pod)
    if (refusal) made.fail({ ...refusal, rejected: true })
  }

  /** Pods that a kubelet has begun with are not asked for again, nor those that end anyway. */
  function refusalFor(pod: Pod) {
    if (pod.status?.startTime !== undefined || isOver(pod) || pod.metadata.deletionTimestamp !== undefined)
      return undefined
    return pressure.refusal(pod) ?? parts.refusal(pod)
  }

  /** Containers and volumes of pods that the API server has no more, e.g. deleted while the kubelet was away. */
  async function removeOrphans(): Promise<void> {
    await staticPods.begin()
    const records = await relist.all()
    for (const { pod } of [...records.sandboxes, ...records.containers]) {
      if (!workers.has(pod.uid)) worker(pod, true).gone()
    }
    for (const uid of await host.pods()) if (!workers.has(uid)) await host.removePod(uid)
    await runtime.removeLeftovers(new Set(workers.keys()))
  }

  function onRuntimeEvent(event: RuntimeEvent) {
    if (event.type === 'unreachable') node.check()
    else if (event.type === 'resync') {
      node.check()
      parts.volumes.recheck()
      for (const each of workers.values()) each.resync()
      orphans()
    } else workers.get(event.podUid)?.touch(event)
  }

  function orphans() {
    removeOrphans().catch((error: unknown) => {
      // Out of reach: the resync that follows asks again.
      if (!stop.signal.aborted) log.info('Leftovers could not be looked for', { error })
    })
  }

  /** A pod is woken when a ConfigMap, Secret or claim it depends on changes. */
  function follow<T extends KubeObject>(ref: ResourceRef<T>) {
    const changed = ({ metadata }: T) => {
      const reference = `${ref.resource}/${metadata.name}`
      for (const { state, references, wake } of workers.values()) {
        if (state.identity.namespace === metadata.namespace && references.has(reference)) wake()
      }
    }
    stack.use(informers.informer(ref).on({ added: changed, updated: changed, deleted: changed }))
  }

  function nodeChanged(now: Node, before: Node) {
    const { metadata, status } = now
    if (metadata.name !== nodeName) return
    // Others may give the node resources of their own by patching its capacity; allocatable has to follow. Or they took
    // the kubelet for dead.
    const expected = status?.capacity && allocatableOf(status.capacity, settings.configuration)
    if (!jsonEqual(status?.allocatable, expected) || readiness(now) === 'Unknown') node.check()
    if (readiness(now) === 'True' && readiness(before) !== 'True') for (const each of workers.values()) each.wake()
  }

  async function begin() {
    await Promise.all([podLister.synced, serviceLister.synced, nodeLister.synced])
    if (stop.signal.aborted) return
    stack.use(nodeLister.on({ updated: nodeChanged }))
    follow(configMaps)
    follow(secrets)
    follow(persistentVolumeClaims)
    stack.use(
      podLister.on({
        added: seen,
        updated: seen,
        deleted(pod) {
          const { uid } = pod.metadata
          finished.delete(uid)
          workers.get(uid)?.gone()
          if (isMirror(pod) || staticPods.hasName(pod)) staticPods.changed()
        },
      }),
    )
    adopting = false
    void node.registered.then(staticPods.changed)
    stack.use(runtime.subscribe(onRuntimeEvent))
    orphans()
  }
  const begun = begin()

  /** A kubelet that has just been started must first find what it is to adopt. */
  async function recordsOf(uid: string) {
    await begun
    const records = workers.get(uid)?.state.records
    return records?.sandboxes.length === 0 ? relist.pod(uid) : records
  }

  return {
    nodeName,
    registered: node.registered,
    api: createKubeletServer({
      parts,
      states: () => [...workers.values()].map(({ state }) => state),
      info: () => node.info,
      logFiles: together([options.logFiles, keptLogs?.files].filter(files => files !== undefined)),
    }).answer,
    ...createContainerAccess({ runtime, records: recordsOf }),
    async [Symbol.asyncDispose]() {
      stop.abort()
      await Promise.all([...workers.values()].map(each => each[Symbol.asyncDispose]()))
      await stack.disposeAsync()
    },
  }
}

const readiness = (node: Node | undefined) => node?.status?.conditions?.find(c => c.type === 'Ready')?.status
