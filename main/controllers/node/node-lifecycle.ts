import { leases } from '../../../shared/api/coordination.ts'
import { nodes, pods, type Node, type Pod } from '../../../shared/api/core.ts'
import type { Controller, ControllerContext } from '../../../shared/client/controller.ts'
import type { Informers } from '../../../shared/client/informer.ts'
import { keyOf } from '../../../shared/client/key.ts'
import { each, mapped } from '../../../shared/client/watches.ts'
import { toTime } from '../../../shared/machinery/clock.ts'
import { jsonEqual } from '../../../shared/machinery/json-value.ts'
import { isNotFound } from '../../../shared/machinery/status.ts'
import { conditionOf } from '../pod-state.ts'
import { nodeTaints } from './node-taints.ts'
import { podsOn } from './pods-on.ts'
import type { Wakefulness } from './wakefulness.ts'

type Conditions = NonNullable<NonNullable<Node['status']>['conditions']>

/** How long a node's Lease may be old (--node-monitor-grace-period), and a new node may say nothing at all. */
const grace = 40_000
const startupGrace = 60_000

/** NetworkUnavailable is not the kubelet's to report. */
const reported = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure']

const isReady = (node: Node) => conditionOf(node.status?.conditions, 'Ready')?.status === 'True'

interface Options {
  wakefulness: Wakefulness
  /** Milliseconds since the epoch; who came before is not told of as new. */
  startedAt: number
}

/**
 * Says so when a node comes, goes, or is not heard of any more: conditions Unknown, taints, its pods not ready
 * (pkg/controller/nodelifecycle).
 * Upstream's health check runs every 5 s; here a node is looked at when its Lease changes and when the grace period ends.
 * Nothing has aged before the machine woke up or the engine started: a kubelet gets the whole grace period again.
 */
export function nodeLifecycleController({ wakefulness, startedAt }: Options): Controller {
  const known = new Map<string, Node>()
  return {
    name: 'node-controller',
    watches: [
      each(nodes),
      // Whether this node is ready decides whether the others may evict.
      {
        ref: nodes,
        keys: ({ now, before }, informers) =>
          (now && isReady(now)) === (before && isReady(before)) ? [] : informers.informer(nodes).list().map(keyOf),
      },
      mapped(leases, ({ metadata }) =>
        metadata.namespace === 'kube-node-lease' ? [{ namespace: '', name: metadata.name }] : [],
      ),
      mapped(pods, pod => (pod.spec.nodeName ? [{ namespace: '', name: pod.spec.nodeName }] : [])),
    ],

    async reconcile(key, context) {
      const { client, informers, clock } = context
      const appointment = `node ${key.name}`
      const awakeSince = wakefulness.since()
      let node = informers.informer(nodes).get(key)
      if (!node) {
        const gone = known.get(key.name)
        if (gone) tell(gone, { reason: 'RemovingNode', event: `Removing Node ${key.name} from Controller` }, context)
        known.delete(key.name)
        wakefulness.forget(appointment)
        return undefined
      }
      const isNew = Date.parse(node.metadata.creationTimestamp ?? '') >= Math.floor(startedAt / 1000) * 1000
      if (isNew && !known.has(key.name))
        tell(node, { reason: 'RegisteredNode', event: `Registered Node ${key.name} in Controller` }, context)
      known.set(key.name, node)
      const now = clock.now()
      const due = Math.max(heardOf(node, informers) + grace, awakeSince + grace)
      if (now >= due) node = await markUnknown(node, context)
      const evicts = informers.informer(nodes).list().some(isReady)
      const taints = nodeTaints(node, { evicts, now })
      if (!jsonEqual(taints, node.spec?.taints ?? []))
        node = await client.update(nodes, { ...node, spec: { ...node.spec, taints } })
      if (conditionOf(node.status?.conditions, 'Ready') && !isReady(node)) await markPodsNotReady(node, context)
      if (now >= due) {
        wakefulness.forget(appointment)
        return undefined
      }
      wakefulness.expect(appointment, due)
      return { requeueAfter: due - now }
    },
  }
}

/** As upstream words what happens to nodes (controller/util/node RecordNodeEvent). */
function tell(node: Node, { reason, event }: { reason: string; event: string }, { recorder }: ControllerContext): void {
  recorder.event(node, 'Normal', reason, `Node ${node.metadata.name} event: ${event}`)
}

/** The last sign of life in milliseconds since the epoch: Lease, status, or its own creation. */
function heardOf(node: Node, informers: Informers): number {
  const lease = informers.informer(leases).get({ namespace: 'kube-node-lease', name: node.metadata.name })
  const time = (text: string | undefined, more = 0) => (text ? Date.parse(text) + more : 0)
  const ready = conditionOf(node.status?.conditions, 'Ready')
  return Math.max(
    time(lease?.spec?.renewTime),
    ready?.status === 'Unknown' ? 0 : time(ready?.lastHeartbeatTime),
    time(node.metadata.creationTimestamp, ready ? 0 : startupGrace - grace),
  )
}

async function markUnknown(node: Node, { client, recorder, clock }: ControllerContext): Promise<Node> {
  const before = node.status?.conditions ?? []
  const now = toTime(clock.now())
  const unknown = reported.map((type): Conditions[number] => {
    const old = conditionOf(before, type)
    if (old?.status === 'Unknown') return old
    return old
      ? {
          ...old,
          status: 'Unknown',
          reason: 'NodeStatusUnknown',
          message: 'Kubelet stopped posting node status.',
          lastTransitionTime: now,
        }
      : {
          type,
          status: 'Unknown',
          reason: 'NodeStatusNeverUpdated',
          message: 'Kubelet never posted node status.',
          lastHeartbeatTime: node.metadata.creationTimestamp ?? now,
          lastTransitionTime: now,
        }
  })
  const conditions = [...before.filter(condition => !reported.includes(condition.type)), ...unknown]
  if (
    jsonEqual(
      unknown,
      before.filter(condition => reported.includes(condition.type)),
    )
  )
    return node
  const marked = await client.update(nodes, { ...node, status: { ...node.status, conditions } }, 'status')
  if (isReady(node)) {
    const message = `Node ${node.metadata.name} status is now: NodeNotReady`
    recorder.event(node, 'Normal', 'NodeNotReady', message)
  }
  return marked
}

/** Nothing on a node that is not ready may get traffic (controller/util/node MarkPodsNotReady). */
async function markPodsNotReady(node: Node, context: ControllerContext): Promise<void> {
  await Promise.all(podsOn(node.metadata.name, context.informers).map(pod => markPodNotReady(pod, context)))
}

async function markPodNotReady(pod: Pod, { client, recorder, clock }: ControllerContext): Promise<void> {
  const ready = conditionOf(pod.status?.conditions, 'Ready')
  if (ready?.status !== 'True') return
  const conditions = (pod.status?.conditions ?? []).map(condition =>
    condition === ready ? { ...ready, status: 'False', lastTransitionTime: toTime(clock.now()) } : condition,
  )
  try {
    await client.update(pods, { ...pod, status: { ...pod.status, conditions } }, 'status')
    recorder.event(pod, 'Warning', 'NodeNotReady', 'Node is not ready')
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}
