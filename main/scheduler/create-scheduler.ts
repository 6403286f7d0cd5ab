import { nodes, pods, type Pod } from '../../shared/api/core.ts'
import type { ObjectKey } from '../../shared/api/object.ts'
import type { Client } from '../../shared/client/client.ts'
import { createRecorder } from '../../shared/client/create-recorder.ts'
import type { Informers } from '../../shared/client/informer.ts'
import { keyOf, keyText } from '../../shared/client/key.ts'
import type { EventRecorder } from '../../shared/client/recorder.ts'
import type { Clock } from '../../shared/machinery/clock.ts'
import { jsonEqual } from '../../shared/machinery/json-value.ts'
import type { Logger } from '../../shared/machinery/log.ts'
import type { SchedulingDecision } from '../../shared/machinery/scheduling-decision.ts'
import { isNotFound } from '../../shared/machinery/status.ts'
import { createVolumeBinder } from './bind-volumes.ts'
import { nodeChange, type Change } from './change.ts'
import { createListers } from './create-listers.ts'
import { decide } from './decide.ts'
import { createDecisions } from './decisions.ts'
import { explain } from './explain.ts'
import { createClaimBinder } from './devices/bind-claims.ts'
import { evict } from './evict.ts'
import { createNodeInfos } from './node-infos.ts'
import { podInfoOf, type PodInfo } from './pod-info.ts'
import type { Cluster } from './plugin.ts'
import { plugins } from './plugins/plugins.ts'
import type { Victims } from './preempt.ts'
import { defaultProfile, type Profile } from './profile.ts'
import type { Reserved } from './reserved.ts'
import { createSchedulingQueue } from './scheduling-queue.ts'
import { writeUnscheduled } from './write-unscheduled.ts'

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

interface Binding {
  volumes: Reserved | undefined
  devices: Reserved | undefined
  recorder: EventRecorder
}

/** Milliseconds of decisions between two turns of the event loop. */
const slice = 5
const pluginOf = new Map(plugins.map(plugin => [plugin.name, plugin]))

/**
 * Places the pods that name one of its profiles one after the other; the next one is placed as if the binding before
 * it had succeeded, so a burst does not overcommit a node. What fits nowhere waits for a change that could help, without
 * polling (pkg/scheduler).
 */
export function createScheduler(dependencies: Dependencies): Scheduler {
  const { client, informers, clock, random, profiles = [defaultProfile] } = dependencies
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
  const volumeBinder = createVolumeBinder({ client, informers, clock })
  const claimBinder = createClaimBinder({ client, informers, clock })
  const decisions = createDecisions()
  const working = new Set<Promise<void>>()
  const assumed = new Set<string>()
  const binding = new Map<string, AbortController>()
  const subscriptions = new DisposableStack()
  const stopping = new AbortController()
  const queue = subscriptions.use(createSchedulingQueue({ clock, ready }))
  const nodeInformer = informers.informer(nodes)
  const podInformer = informers.informer(pods)
  let isPumping = false
  let start = 0

  function ready() {
    if (isPumping) return
    isPumping = true
    queueMicrotask(pump) // a burst of new pods is seen whole, so that priorities count
  }

  function pump() {
    const end = performance.now() + slice
    for (let pod = next(); pod; pod = next()) {
      try {
        place(pod)
      } catch (error) {
        // Nobody else would catch it here, and the other pods can do nothing about it.
        log.error('Scheduling failed', { pod: keyText(keyOf(pod.pod)), error })
        queue.retry(pod)
      }
      if (performance.now() < end) continue
      setImmediate(pump) // bindings and everybody else have their turn
      return
    }
    isPumping = false
  }

  const next = () => (stopping.signal.aborted ? undefined : queue.next())

  function place(pod: PodInfo) {
    const framework = frameworkOf(pod.pod)
    if (!framework) return
    const { profile, recorder } = framework
    const decision = decide(pod, { cluster, profile, start, now: clock.now(), random })
    start = (start + decision.evaluated) % Math.max(1, infos.list().length)
    decisions.put(pod.uid, decision)
    const node = decision.node === undefined ? undefined : infos.get(decision.node)?.node
    if (node) {
      const volumes = volumeBinder.reserve(pod, node, cluster)
      const devices = claimBinder.reserve(pod, node, cluster)
      infos.put(pod, node.metadata.name)
      assumed.add(pod.uid)
      track(bind(pod, node.metadata.name, { volumes, devices, recorder }))
      return
    }
    queue.park(pod, decision.rejectedBy)
    const { message, preemption } = decision
    recorder.event(pod.pod, 'Warning', 'FailedScheduling', message)
    if (preemption) track(makeRoom(pod, preemption, recorder))
    if (decision.forgetsNode) infos.nominate(pod, undefined)
    const nominated = infos.nominatedNode(pod.uid)
    track(unscheduled(pod.pod, { reason: 'Unschedulable', message, nominated }))
  }

  function track(work: Promise<void>) {
    const tracked = work
      .catch((error: unknown) => log.error('Scheduling failed', { error }))
      .finally(() => working.delete(tracked))
    working.add(tracked)
  }

  async function bind(info: PodInfo, node: string, reserved: Binding) {
    using volumes = reserved.volumes
    using devices = reserved.devices
    const { recorder } = reserved
    const { pod } = info
    const { namespace = '', name, uid } = pod.metadata
    const target = { apiVersion: 'v1', kind: 'Node', name: node }
    const body = { apiVersion: 'v1', kind: 'Binding', metadata: { namespace, name, uid }, target }
    const gone = new AbortController()
    const signal = AbortSignal.any([stopping.signal, gone.signal])
    let plugin = 'VolumeBinding'
    binding.set(uid, gone)
    try {
      await volumes?.bind(signal)
      plugin = 'DynamicResources'
      await devices?.bind(signal)
      plugin = 'DefaultBinder'
      await client.createSubresource(pods, keyOf(pod), 'binding', body)
      recorder.event(pod, 'Normal', 'Scheduled', `Successfully assigned ${namespace}/${name} to ${node}`)
    } catch (error) {
      unassume(info)
      if (isNotFound(error) || signal.aborted) return
      const why = error instanceof Error ? error.message : String(error)
      log.error('Binding failed', { pod: `${namespace}/${name}`, node, error })
      queue.retry(info)
      const message = `running ${plugin === 'DefaultBinder' ? 'Bind' : 'PreBind'} plugin "${plugin}": ${why}`
      recorder.event(pod, 'Warning', 'FailedScheduling', message)
      await unscheduled(pod, { reason: 'SchedulerError', message, nominated: undefined })
    } finally {
      binding.delete(uid)
    }
  }

  /** Unless the binding took effect after all, which the informer knows. */
  function unassume({ pod, uid }: PodInfo) {
    assumed.delete(uid)
    const seen = podInformer.get(keyOf(pod))
    if (seen?.metadata.uid === uid && seen.spec.nodeName) return
    infos.remove(uid)
    changed({ of: 'pod', before: pod })
  }

  /** Makes the victims leave; the pod keeps its claim on the node until it is placed. */
  async function makeRoom(pod: PodInfo, { node, victims }: Victims, recorder: EventRecorder) {
    using _ = queue.hold(pod.uid)
    const outranked = infos.nominatedTo(node).filter(other => other.priority < pod.priority)
    infos.nominate(pod, node)
    for (const other of outranked) {
      infos.nominate(other, undefined)
      queue.add(other) // it may find another place sooner than room for both comes about
    }
    try {
      await Promise.all(victims.map(victim => evict({ victim, preemptor: pod.pod, node, client, recorder, clock })))
    } catch (error) {
      log.error('Preemption failed', { pod: keyText(keyOf(pod.pod)), node, error })
      queue.retry(pod)
    }
  }

  const unscheduled = (pod: Pod, failure: Parameters<typeof writeUnscheduled>[1]) =>
    writeUnscheduled(podInformer.get(keyOf(pod)) ?? pod, failure, { client, clock, log })

  function changed(change: Change) {
    queue.wake((plugin, pod) => pluginOf.get(plugin)?.helps?.(change, pod, cluster) ?? false)
  }

  const frameworkOf = ({ spec }: Pod) => frameworks.get(spec.schedulerName ?? defaultProfile.schedulerName)
  const isOurs = (pod: Pod) => isWaiting(pod) && frameworkOf(pod) !== undefined

  function podChanged(pod: Pod, before?: Pod) {
    const info = podInfoOf(pod)
    const { uid } = info
    if (isOver(pod)) podGone(pod)
    else if (pod.spec.nodeName) {
      assumed.delete(uid)
      queue.remove(uid)
      infos.put(info, pod.spec.nodeName)
      if (!before?.spec.nodeName) changed({ of: 'pod', after: pod })
      else if (!isSame(pod, before) || takesLess(info, podInfoOf(before))) changed({ of: 'pod', before, after: pod })
    } else if (!isOurs(pod)) {
      queue.remove(uid)
      infos.nominate(info, undefined)
    } else if (!assumed.has(uid)) {
      const nominated = pod.status?.nominatedNodeName
      if (nominated) infos.nominate(info, nominated)
      if (before && isOurs(before) && isSame(pod, before)) queue.refresh(info)
      else queue.add(info)
    }
  }

  function podGone(pod: Pod) {
    const info = podInfoOf(pod)
    binding.get(info.uid)?.abort() // nobody waits for its volumes any more
    assumed.delete(info.uid)
    decisions.remove(info.uid)
    queue.remove(info.uid)
    infos.remove(info.uid)
    infos.nominate(info, undefined)
    if (pod.spec.nodeName) changed({ of: 'pod', before: pod })
  }

  void Promise.all([nodeInformer.synced, podInformer.synced, known.synced]).then(() => {
    if (stopping.signal.aborted) return
    const tell = (change: Change | undefined) => change && changed(change)
    subscriptions.use(
      nodeInformer.on({
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
      }),
    )
    subscriptions.use(podInformer.on({ added: podChanged, updated: podChanged, deleted: podGone }))
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

/** A resize has given something back. */
const takesLess = (now: PodInfo, before: PodInfo) =>
  before.requests.entries().some(([name, amount]) => (now.requests.get(name) ?? 0) < amount)

const isOver = ({ status }: Pod) => status?.phase === 'Succeeded' || status?.phase === 'Failed'

/** Whether a pod waits for a node: it has none, no gates (KEP-3521), and is not on its way out. */
const isWaiting = ({ metadata, spec }: Pod) =>
  !spec.nodeName && (spec.schedulingGates ?? []).length === 0 && !metadata.deletionTimestamp

/** Nothing changed that matters to where this or another pod fits: spec, by its generation, labels, claims made for it. */
const isSame = (a: Pod, b: Pod) =>
  !!a.metadata.deletionTimestamp === !!b.metadata.deletionTimestamp &&
  a.metadata.generation === b.metadata.generation &&
  jsonEqual(a.metadata.labels ?? {}, b.metadata.labels ?? {}) &&
  jsonEqual(a.status?.resourceClaimStatuses ?? [], b.status?.resourceClaimStatuses ?? [])
