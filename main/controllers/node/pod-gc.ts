import { nodes, pods, type Node, type Pod } from '../../../shared/api/core.ts'
import type { Controller } from '../../../shared/client/controller.ts'
import { keyOf } from '../../../shared/client/key.ts'
import { each, mapped } from '../../../shared/client/watches.ts'
import { unlessGone } from '../../../shared/client/unless-gone.ts'
import { conditionOf } from '../pod-state.ts'
import { disrupt } from './disrupt.ts'
import { podsOn } from './pods-on.ts'

/** How long a node has to be missed before its pods go. */
const quarantine = 40_000

const orphaned = { reason: 'DeletionByPodGC', message: 'PodGC: node no longer exists' }

/**
 * Removes pods that no kubelet will ever finish: of nodes that are gone or out of service, and deleted ones that never
 * had a node (pkg/controller/podgc). When a node was first missed is remembered; a restart only makes it wait again.
 */
export function podGarbageCollector(): Controller {
  const missedSince = new Map<string, number>()
  return {
    name: 'pod-garbage-collector-controller',
    watches: [each(pods), mapped(nodes, (node, informers) => podsOn(node.metadata.name, informers).map(keyOf))],

    async reconcile(key, context) {
      const { client, informers, clock } = context
      const pod = informers.informer(pods).get(key)
      if (!pod) return undefined
      const { nodeName } = pod.spec
      if (!nodeName) {
        if (pod.metadata.deletionTimestamp) await disrupt(pod, { force: true }, context)
        return undefined
      }
      const node = informers.informer(nodes).get({ namespace: '', name: nodeName })
      if (node) {
        missedSince.delete(nodeName)
        if (isOutOfService(pod, node)) await disrupt(pod, { force: true }, context)
        return undefined
      }
      const now = clock.now()
      const due = (missedSince.get(nodeName) ?? now) + quarantine
      missedSince.set(nodeName, due - quarantine)
      if (now < due) return { requeueAfter: due - now }
      if (await unlessGone(client.get(nodes, { name: nodeName }))) return undefined
      await disrupt(pod, { condition: orphaned, force: true }, context)
      if (podsOn(nodeName, informers).length === 0) missedSince.delete(nodeName)
      return undefined
    },
  }
}

/** A deleted pod on a node that someone declared dead (KEP-2268). */
function isOutOfService(pod: Pod, node: Node): boolean {
  const isReady = conditionOf(node.status?.conditions, 'Ready')?.status === 'True'
  const declared = node.spec?.taints?.some(taint => taint.key === 'node.kubernetes.io/out-of-service') ?? false
  return !!pod.metadata.deletionTimestamp && !isReady && declared
}
