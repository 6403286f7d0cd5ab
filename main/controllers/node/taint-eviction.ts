import { nodes, pods, type Node, type Pod } from '../../../shared/api/core.ts'
import type { Controller } from '../../../shared/client/controller.ts'
import { keyOf, keyText } from '../../../shared/client/key.ts'
import { each, mapped } from '../../../shared/client/watches.ts'
import { tolerates, type Taint, type Toleration } from '../../../shared/machinery/tolerations.ts'
import { disrupt } from './disrupt.ts'
import { podsOn } from './pods-on.ts'
import type { Wakefulness } from './wakefulness.ts'

/** After a sleep or a start nodes have this long to report before anything is evicted from them. */
const grace = 60_000

/**
 * Deletes pods from nodes with NoExecute taints that they do not tolerate, or no longer
 * (pkg/controller/tainteviction). The time counts from the taint's timeAdded, so a restart does not start it anew.
 */
export function taintEvictionController({ wakefulness }: { wakefulness: Wakefulness }): Controller {
  /** Pods that are to go at some time, by `namespace/name`. */
  const doomed = new Set<string>()
  return {
    name: 'taint-eviction-controller',
    watches: [
      each(pods),
      mapped(nodes, (node, informers) => (hasNoExecute(node) ? podsOn(node.metadata.name, informers).map(keyOf) : [])),
    ],

    async reconcile(key, context) {
      const { informers, recorder, clock } = context
      const appointment = `pod ${keyText(key)}`
      const pod = informers.informer(pods).get(key)
      const at = pod && !pod.metadata.deletionTimestamp ? evictionTime(pod, nodeOf(pod)) : undefined
      const awakeSince = wakefulness.since()
      if (!pod || at === undefined) {
        const isSpared = doomed.delete(keyText(key)) && pod && !pod.metadata.deletionTimestamp
        if (isSpared)
          recorder.event(pod, 'Normal', 'TaintManagerEviction', `Cancelling deletion of Pod ${keyText(key)}`)
        wakefulness.forget(appointment)
        return undefined
      }
      // What is not tolerated at all was put there on purpose, by whoever tainted the node.
      const due = at === -Infinity ? at : Math.max(at, awakeSince + grace)
      const now = clock.now()
      if (now < due) {
        wakefulness.expect(appointment, due)
        doomed.add(keyText(key))
        return { requeueAfter: due - now }
      }
      wakefulness.forget(appointment)
      doomed.delete(keyText(key))
      recorder.event(pod, 'Normal', 'TaintManagerEviction', `Marking for deletion Pod ${keyText(key)}`)
      const message = 'Taint manager: deleting due to NoExecute taint'
      await disrupt(pod, { condition: { reason: 'DeletionByTaintManager', message }, force: false }, context)
      return undefined

      function nodeOf({ spec }: Pod): Node | undefined {
        return spec.nodeName ? informers.informer(nodes).get({ namespace: '', name: spec.nodeName }) : undefined
      }
    },
  }
}

const noExecute = (node: Node | undefined) =>
  ((node?.spec?.taints ?? []) as Taint[]).filter(taint => taint.effect === 'NoExecute')
const hasNoExecute = (node: Node) => noExecute(node).length > 0

/**
 * When a pod has to leave its node, in milliseconds since the epoch: at once (-Infinity) if a taint is not tolerated,
 * else at the end of the shortest toleration in use; undefined if it may stay.
 */
export function evictionTime(pod: Pod, node: Node | undefined): number | undefined {
  const taints = noExecute(node)
  const tolerations = (pod.spec.tolerations ?? []) as Toleration[]
  const ends = taints.flatMap(taint => {
    const used = tolerations.filter(toleration => tolerates(toleration, taint))
    if (used.length === 0) return [-Infinity]
    const since = taint.timeAdded ? Date.parse(taint.timeAdded) : 0
    return used.flatMap(({ tolerationSeconds }) =>
      tolerationSeconds === undefined ? [] : [tolerationSeconds <= 0 ? -Infinity : since + tolerationSeconds * 1000],
    )
  })
  return ends.length > 0 ? Math.min(...ends) : undefined
}
