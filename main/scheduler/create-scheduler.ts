import { nodes, pods } from '../../shared/api/core.ts'
import type { ObjectKey } from '../../shared/api/object.ts'
import type { Client } from '../../shared/client/client.ts'
import { createRecorder } from '../../shared/client/create-recorder.ts'
import type { Informers } from '../../shared/client/informer.ts'
import { keyOf, keyText } from '../../shared/client/key.ts'
import type { Clock } from '../../shared/machinery/clock.ts'
import type { Logger } from '../../shared/machinery/log.ts'
import type { SchedulingDecision } from '../../shared/machinery/scheduling-decision.ts'
import { createPodBinder } from './bind-pod.ts'
import { nodeChange, type Change } from './change.ts'
import { createListers } from './create-listers.ts'
import { createDecisions } from './decisions.ts'
import { explain } from './explain.ts'
import { followPods } from './follow-pods.ts'
import { createNodeInfos } from './node-infos.ts'
import { createPlacement } from './place-pod.ts'
import type { Cluster } from './plugin.ts'
import { plugins } from './plugins/plugins.ts'
import { defaultProfile, type Profile } from './profile.ts'
import { runInSlices } from './run-in-slices.ts'
import type { SchedulerParts } from './scheduler-parts.ts'
import { createSchedulingQueue } from './scheduling-queue.ts'

/** Binds pods to nodes until it is disposed of. */
export interface Scheduler extends AsyncDisposable {
  /** The last decision about a pod: why it waits, or why it is where it is. Of many pods only the latest are kept. */
  decision(pod: ObjectKey): SchedulingDecision | undefined
}

interface Dependencies {
  client: Client
  informers: Informers
  clock: Clock
  random: () => number
  log: Logger
  /** The pods that name no scheduler are for `default-scheduler`, if it is among them. */
  profiles?: readonly Profile[]
}

const pluginOf = new Map(plugins.map(plugin => [plugin.name, plugin]))

/**
 * Places the pods that name one of its profiles one after the other; the next one is placed as if the binding before
 * it had succeeded, so a burst does not overcommit a node. What fits nowhere waits for a change that could help, without
 * polling (pkg/scheduler).
 */
export function createScheduler(dependencies: Dependencies): Scheduler {
  const { informers, clock, profiles = [defaultProfile] } = dependencies
  const log = dependencies.log.with({ controller: 'scheduler' })
  const frameworks = new Map(
    profiles.map(profile => {
      const component = profile.schedulerName
      return [component, { profile, recorder: createRecorder({ ...dependencies, log, component }) }]
    }),
  )
  const known = createListers(informers)
  const infos = createNodeInfos()
  const cluster: Cluster = {
    infos,
    listers: known.listers,
    reservations: { volumes: new Set(), nodes: new Map(), devices: new Map() },
  }
  const decisions = createDecisions()
  const working = new Set<Promise<void>>()
  const subscriptions = new DisposableStack()
  const stopping = new AbortController()
  const queue = subscriptions.use(createSchedulingQueue({ clock, ready: runInSlices(placeNext) }))
  const parts: SchedulerParts = {
    ...dependencies,
    log,
    cluster,
    queue,
    decisions,
    frameworkOf: ({ spec }) => frameworks.get(spec.schedulerName ?? defaultProfile.schedulerName),
    changed,
    signal: stopping.signal,
  }
  const binder = createPodBinder(parts)
  const place = createPlacement({ parts, binder, track })
  const nodeInformer = informers.informer(nodes)
  const podInformer = informers.informer(pods)

  /** Whether there was a pod to place. */
  function placeNext(): boolean {
    const pod = stopping.signal.aborted ? undefined : queue.next()
    if (!pod) return false
    try {
      place(pod)
    } catch (error) {
      // Nobody else would catch it here, and the other pods can do nothing about it.
      log.error('Scheduling failed', { pod: keyText(keyOf(pod.pod)), error })
      queue.retry(pod)
    }
    return true
  }

  function track(work: Promise<void>) {
    const tracked = work
      .catch((error: unknown) => log.error('Scheduling failed', { error }))
      .finally(() => working.delete(tracked))
    working.add(tracked)
  }

  function changed(change: Change) {
    queue.wake((plugin, pod) => pluginOf.get(plugin)?.helps?.(change, pod, cluster) ?? false)
  }

  function followNodes(): Disposable {
    const tell = (change: Change | undefined) => change && changed(change)
    return nodeInformer.on({
      added(node) {
        infos.setNode(node)
        tell(nodeChange(node))
      },
      updated(node, before) {
        infos.setNode(node)
        tell(nodeChange(node, before))
      },
      deleted(node) {
        infos.removeNode(node.metadata.name)
        changed({ of: 'nodeGone', before: node })
      },
    })
  }

  void Promise.all([nodeInformer.synced, podInformer.synced, known.synced]).then(() => {
    if (stopping.signal.aborted) return
    subscriptions.use(followNodes())
    subscriptions.use(followPods(parts, binder))
    subscriptions.use(known.watch(changed))
  })

  return {
    decision(key) {
      const pod = podInformer.get(key)
      const decision = pod && decisions.get(pod.metadata.uid)
      return decision && explain(decision)
    },
    async [Symbol.asyncDispose]() {
      stopping.abort()
      subscriptions.dispose()
      await Promise.all(working)
      await Promise.all(frameworks.values().map(({ recorder }) => recorder[Symbol.asyncDispose]()))
    },
  }
}
