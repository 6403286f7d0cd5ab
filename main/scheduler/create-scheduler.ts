import { nodes, pods, type Node, type Pod } from '../../shared/api/core.ts'
import type { ObjectKey } from '../../shared/api/object.ts'
import type { Client } from '../../shared/client/client.ts'
import { createRecorder } from '../../shared/client/create-recorder.ts'
import type { Informers } from '../../shared/client/informer.ts'
import { keyOf, keyText } from '../../shared/client/key.ts'
import { toTime, type Clock } from '../../shared/machinery/clock.ts'
import { canonicalJson } from '../../shared/machinery/hash.ts'
import type { Logger } from '../../shared/machinery/log.ts'
import { isNotFound } from '../../shared/machinery/status.ts'
import { decide, type Decision } from './decide.ts'
import { filters } from './filters/filters.ts'
import { createNodeInfos } from './node-infos.ts'
import { createSchedulingQueue } from './scheduling-queue.ts'

/** Binds pods to nodes until it is disposed of. */
export interface Scheduler extends AsyncDisposable {
  /** The last decision about a pod that has no node yet. */
  decision(pod: ObjectKey): Decision | undefined
}

interface Dependencies {
  client: Client
  informers: Informers
  clock: Clock
  random: () => number
  log: Logger
}

const component = 'default-scheduler'

/**
 * Places pods of schedulerName `default-scheduler` one after the other; the next one is placed as if the binding before
 * it had succeeded, so a burst does not overcommit a node. What fits nowhere waits for a change that could help, without
 * polling (pkg/scheduler).
 */
export function createScheduler(dependencies: Dependencies): Scheduler {
  const { client, informers, clock, random } = dependencies
  const log = dependencies.log.with({ controller: component })
  const recorder = createRecorder({ ...dependencies, log, component })
  const infos = createNodeInfos()
  const decisions = new Map<string, Decision>()
  const binding = new Set<Promise<void>>()
  const assumed = new Set<string>()
  const subscriptions = new DisposableStack()
  const queue = subscriptions.use(createSchedulingQueue({ clock, ready }))
  const nodeInformer = informers.informer(nodes)
  const podInformer = informers.informer(pods)
  let isPumping = false
  let isStopped = false

  function ready() {
    if (isPumping) return
    isPumping = true
    queueMicrotask(pump) // a burst of new pods is seen whole, so that priorities count
  }

  function pump() {
    isPumping = false
    for (let pod = queue.next(); pod && !isStopped; pod = queue.next()) {
      try {
        place(pod)
      } catch (error) {
        // In a microtask nobody else would catch it, and the other pods can do nothing about it.
        log.error('Scheduling failed', { pod: keyText(keyOf(pod)), error })
        queue.retry(pod)
      }
    }
  }

  function place(pod: Pod) {
    const situation = { infos: nodeInformer.list().map(node => infos.infoOf(node)), now: clock.now(), random }
    const decision = decide(pod, situation)
    decisions.set(pod.metadata.uid, decision)
    if (decision.node === undefined) {
      queue.park(pod, rejectedBy(decision))
      track(reject(pod, decision.message, 'Unschedulable'))
      return
    }
    infos.put(pod, decision.node)
    assumed.add(pod.metadata.uid)
    track(bind(pod, decision.node))
  }

  function track(work: Promise<void>) {
    const tracked = work
      .catch((error: unknown) => log.error('Scheduling failed', { error }))
      .finally(() => binding.delete(tracked))
    binding.add(tracked)
  }

  async function bind(pod: Pod, node: string) {
    const { namespace = '', name, uid } = pod.metadata
    const target = { apiVersion: 'v1', kind: 'Node', name: node }
    const body = { apiVersion: 'v1', kind: 'Binding', metadata: { namespace, name, uid }, target }
    try {
      await client.createSubresource(pods, keyOf(pod), 'binding', body)
      const message = `Successfully assigned ${namespace}/${name} to ${node}`
      recorder.event(pod, 'Normal', 'Scheduled', message)
    } catch (error) {
      unassume(pod)
      if (isNotFound(error)) return
      const why = error instanceof Error ? error.message : String(error)
      log.error('Binding failed', { pod: `${namespace}/${name}`, node, error })
      queue.retry(pod)
      await reject(pod, `running Bind plugin "DefaultBinder": ${why}`, 'SchedulerError')
    }
  }

  /** Unless the binding took effect after all, which the informer knows. */
  function unassume(pod: Pod) {
    assumed.delete(pod.metadata.uid)
    const seen = podInformer.get(keyOf(pod))
    if (seen?.metadata.uid === pod.metadata.uid && seen.spec.nodeName) return
    infos.remove(pod.metadata.uid)
    queue.wake(['NodeResourcesFit', 'NodePorts'])
  }

  async function reject(pod: Pod, message: string, reason: 'Unschedulable' | 'SchedulerError') {
    recorder.event(pod, 'Warning', 'FailedScheduling', message)
    const before = podInformer.get(keyOf(pod))?.status?.conditions?.find(each => each.type === 'PodScheduled')
    if (before?.status === 'False' && before.reason === reason && before.message === message) return
    const changed = before?.status === 'False' ? before.lastTransitionTime : undefined
    const lastTransitionTime = changed ?? toTime(clock.now())
    const condition = { type: 'PodScheduled', status: 'False', reason, message, lastTransitionTime }
    const body = { metadata: { uid: pod.metadata.uid }, status: { conditions: [condition] } }
    const patch = { type: 'application/strategic-merge-patch+json', subresource: 'status', body } as const
    try {
      await client.patch(pods, keyOf(pod), patch)
    } catch (error) {
      if (!isNotFound(error)) log.error('Condition not written', { pod: keyOf(pod), error })
    }
  }

  function podChanged(pod: Pod, before?: Pod) {
    const { uid } = pod.metadata
    const isOver = pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'
    if (isOver) podGone(pod)
    else if (pod.spec.nodeName) {
      assumed.delete(uid)
      decisions.delete(uid)
      queue.remove(uid)
      infos.put(pod, pod.spec.nodeName)
      if (before?.spec.nodeName && !sameSpec(pod, before)) queue.wake(['NodeResourcesFit'])
    } else if (!isOurs(pod)) queue.remove(uid)
    else if (!assumed.has(uid) && !(before && isOurs(before) && sameSpec(pod, before))) queue.add(pod)
  }

  function podGone(pod: Pod) {
    const { uid } = pod.metadata
    assumed.delete(uid)
    decisions.delete(uid)
    queue.remove(uid)
    infos.remove(uid)
    if (pod.spec.nodeName) queue.wake(['NodeResourcesFit', 'NodePorts'])
  }

  void Promise.all([nodeInformer.synced, podInformer.synced]).then(() => {
    if (isStopped) return
    subscriptions.use(podInformer.on({ added: podChanged, updated: podChanged, deleted: podGone }))
    subscriptions.use(
      nodeInformer.on({
        added: () => queue.wake(['', ...filters.map(filter => filter.name)]),
        updated: (node, before) => queue.wake(concerned(node, before)),
      }),
    )
  })

  return {
    decision(key) {
      const pod = podInformer.get(key)
      return pod && decisions.get(pod.metadata.uid)
    },
    async [Symbol.asyncDispose]() {
      isStopped = true
      subscriptions.dispose()
      await Promise.all(binding)
      await recorder[Symbol.asyncDispose]()
    },
  }
}

/** Waits for this scheduler: its own, no node, not gated, not on its way out. */
function isOurs({ metadata, spec }: Pod): boolean {
  const isGated = (spec.schedulingGates ?? []).length > 0
  return (spec.schedulerName ?? component) === component && !spec.nodeName && !isGated && !metadata.deletionTimestamp
}

const sameSpec = (a: Pod, b: Pod) =>
  a.metadata.generation === b.metadata.generation && canonicalJson(a.spec) === canonicalJson(b.spec)

/** The filters whose reasons keep the pod waiting; '' if there was no node at all. */
function rejectedBy({ verdicts }: Decision): Set<string> {
  if (verdicts.length === 0) return new Set([''])
  const rejecting = verdicts.flatMap(verdict => verdict.filters.filter(filter => filter.reasons.length > 0))
  return new Set(rejecting.map(filter => filter.name))
}

/** The filters that look at what changed about a node. */
function concerned(node: Node, before: Node): string[] {
  const differs = (part: (node: Node) => unknown) =>
    canonicalJson(part(node) ?? null) !== canonicalJson(part(before) ?? null)
  return [
    ...(differs(each => each.spec?.taints) ? ['TaintToleration'] : []),
    ...(differs(each => each.spec?.unschedulable) ? ['NodeUnschedulable'] : []),
    ...(differs(each => each.metadata.labels) ? ['NodeAffinity'] : []),
    ...(differs(each => each.status?.allocatable) ? ['NodeResourcesFit'] : []),
  ]
}
