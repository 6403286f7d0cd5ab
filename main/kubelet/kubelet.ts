import { nodes, pods, services, type Pod } from '../../shared/api/core.ts'
import { createContainerAccess, type ContainerAccess } from './container/container-access.ts'
import { together } from './container/log-files.ts'
import { createKubeletParts } from './create-kubelet-parts.ts'
import { createNodePressure, type NodePressure } from './eviction/node-pressure.ts'
import type { KubeletOptions } from './kubelet-options.ts'
import { followNode } from './node/follow-node.ts'
import { nodeCapacity } from './node/node-status.ts'
import { registerNode } from './node/register-node.ts'
import { followReferences } from './pod/follow-references.ts'
import { createPodWorkers, type PodWorkers } from './pod/pod-workers.ts'
import { removeLeftovers } from './pod/remove-leftovers.ts'
import type { RuntimeEvent } from './runtime.ts'
import { createKubeletServer, type KubeletServer } from './server/kubelet-server.ts'
import { fromApi, isMirror } from './static-pods/manifest.ts'
import { createMirrors } from './static-pods/mirrors.ts'
import { createStaticPods } from './static-pods/static-pods.ts'

/** One node's kubelet. Disposing it leaves the pods running; the next one adopts them. */
export interface Kubelet extends ContainerAccess, AsyncDisposable {
  /** What it tells of itself over `nodes/proxy`. */
  readonly api: KubeletServer['answer']
  readonly nodeName: string
  /** Resolves when the Node object is there and reported. */
  readonly registered: Promise<void>
}

/** Registers a node and has a worker for each of its pods (pkg/kubelet/kubelet.go). */
export function createKubelet(options: KubeletOptions): Kubelet {
  const { nodeName, client, informers, runtime, clock, settings } = options
  const log = options.log.with({ node: nodeName })
  const stop = new AbortController()
  const stack = new AsyncDisposableStack()
  const nodeLister = informers.informer(nodes)
  const podLister = informers.informer(pods)
  const node = () => nodeLister.get({ namespace: '', name: nodeName })
  const registration = stack.use(registerNode({ ...options, log, pressure: () => pressure.conditions() }))
  const staticPods = stack.use(
    createStaticPods({
      directory: settings.staticPodPath,
      nodeName,
      mirrors: createMirrors(client),
      shown: () => podLister.list().filter(pod => pod.spec.nodeName === nodeName && isMirror(pod)),
      node,
      run(pod) {
        workers.take(pod, true)
        // A new mirror waits for its status.
        if (pod.status?.startTime === undefined) workers.get(pod.metadata.uid)?.wake()
      },
      clock,
      log,
    }),
  )
  const { apiUid } = staticPods
  const { signal } = stop
  const parts = createKubeletParts({
    ...options,
    log,
    registration,
    node,
    apiUid,
    workers: () => workers,
    signal,
    stack,
  })
  const pressure: NodePressure = stack.use(
    createNodePressure({
      parts,
      node,
      capacity: () => nodeCapacity(settings, registration.info),
      info: () => registration.info,
      states: () => workers.states(),
      evict: (uid, failure) => workers.get(uid)?.fail(failure),
      changed: () => registration.check(),
    }),
  )
  const workers: PodWorkers = createPodWorkers({ parts, pressure, ended: staticPods.ended })
  /** Until the first list is in, pods may have been started by an earlier kubelet. */
  let adopting = true

  function seen(pod: Pod) {
    if (pod.spec.nodeName !== nodeName) return
    if (isMirror(pod)) staticPods.changed()
    else workers.take(fromApi(pod), adopting)
  }

  function deleted(pod: Pod) {
    workers.gone(pod.metadata.uid)
    if (isMirror(pod) || staticPods.hasName(pod)) staticPods.changed()
  }

  function onRuntimeEvent(event: RuntimeEvent) {
    if (event.type === 'unreachable') registration.check()
    else if (event.type === 'resync') {
      registration.check()
      parts.volumes.recheck()
      for (const each of workers) each.resync()
      lookForLeftovers()
    } else workers.get(event.podUid)?.touch(event)
  }

  function lookForLeftovers() {
    // Those of static pods are none.
    const begun = staticPods.begin().then(() => removeLeftovers(parts, workers))
    begun.catch((error: unknown) => {
      // Out of reach: the resync that follows asks again.
      if (!signal.aborted) log.info('Leftovers could not be looked for', { error })
    })
  }

  async function begin() {
    await Promise.all([podLister.synced, informers.informer(services).synced, nodeLister.synced])
    if (signal.aborted) return
    stack.use(followNode({ informers, parts, registration, workers }))
    stack.use(followReferences(informers, workers))
    stack.use(podLister.on({ added: seen, updated: seen, deleted }))
    adopting = false
    void registration.registered.then(staticPods.changed)
    stack.use(runtime.subscribe(onRuntimeEvent))
    lookForLeftovers()
  }
  const begun = begin()

  /** A kubelet that has just been started must first find what it is to adopt. */
  async function recordsOf(uid: string) {
    await begun
    const records = workers.get(uid)?.state.records
    return records?.sandboxes.length === 0 ? parts.relist.pod(uid) : records
  }

  return {
    nodeName,
    registered: registration.registered,
    api: createKubeletServer({
      parts,
      states: () => workers.states(),
      info: () => registration.info,
      logFiles: together([options.logFiles, parts.keptLogs?.files].filter(files => files !== undefined)),
    }).answer,
    ...createContainerAccess({ runtime, records: recordsOf }),
    async [Symbol.asyncDispose]() {
      stop.abort()
      await workers[Symbol.asyncDispose]()
      await stack.disposeAsync()
    },
  }
}
