import { controllerRevisions, daemonSets, type DaemonSet } from '../../../shared/api/apps.ts'
import { nodes, pods, type Node, type Pod } from '../../../shared/api/core.ts'
import type { Controller, ControllerContext, ControllerWatch } from '../../../shared/client/controller.ts'
import { keyOf } from '../../../shared/client/key.ts'
import { controllerOf, each, mapped, ownedBy } from '../../../shared/client/watches.ts'
import { jsonEqual } from '../../../shared/machinery/json-value.ts'
import { matchesRequirements, requirementsOf } from '../../../shared/machinery/selectors.ts'
import { claim } from '../claim.ts'
import { createPods, deletePods } from '../pod-control.ts'
import { byNode, templateFor } from './daemon-pods.ts'
import { daemonSetStatus, nextAvailable } from './daemon-set-status.ts'
import { createFailedPodsBackoff } from './failed-pods-backoff.ts'
import { manage } from './manage.ts'
import { limitHistory, syncRevisions } from './revisions.ts'
import { rollingUpdate, type Changes } from './rolling-update.ts'

/** Most pods created, and most deleted, in one go. */
const burst = 250

/** Whatever of a node decides where daemons run has changed. */
const nodeChanges: ControllerWatch<Node> = {
  ref: nodes,
  keys({ now, before }, informers) {
    const decisive = (node: Node) => [node.metadata.labels, node.spec?.taints]
    if (now && before && jsonEqual(decisive(now), decisive(before))) return []
    return informers.informer(daemonSets).list().map(keyOf)
  },
}

/** Keeps one pod on each node that shall have one (pkg/controller/daemon). */
export function daemonSetController(): Controller {
  const backoff = createFailedPodsBackoff()
  return {
    name: 'daemonset-controller',
    watches: [
      each(daemonSets),
      ownedBy(daemonSets, pods),
      // Orphans: whoever selects them may adopt them.
      mapped(pods, (pod, informers) => {
        if (controllerOf(pod)) return []
        const sets = informers.informer(daemonSets).list(pod.metadata.namespace)
        return sets
          .filter(({ spec }) => matchesRequirements(requirementsOf(spec.selector), pod.metadata.labels))
          .map(keyOf)
      }),
      nodeChanges,
      ownedBy(daemonSets, controllerRevisions),
    ],

    async reconcile(key, context) {
      const { client, informers, clock } = context
      const set = informers.informer(daemonSets).get(key)
      // Of one that goes, nobody knows what of its history is still there: its pods are the garbage collector's.
      if (!set || set.metadata.deletionTimestamp) return undefined
      const { hash, old, collisionCount } = await syncRevisions(set, context)
      const owned = await claim({
        client,
        owner: set,
        ownerKind: daemonSets,
        childKind: pods,
        selector: set.spec.selector,
        candidates: informers.informer(pods).list(key.namespace),
      })

      const given = { set, nodes: informers.informer(nodes).list(), pods: byNode(owned), hash }
      const { retryAfter, ...changes } = manage(given, { backoff, context })
      const isSettled = changes.create.length + changes.remove.length === 0
      const isRolling = isSettled && set.spec.updateStrategy?.type === 'RollingUpdate'
      const next = isRolling ? rollingUpdate({ ...given, now: clock.now() }) : changes
      const failure = await apply(set, { ...next, hash }, context)

      const now = clock.now()
      const seen = podsOf(set, context)
      const status = daemonSetStatus(set, { ...given, pods: byNode(seen), collisionCount, now })
      if (!jsonEqual(status, set.status)) await client.update(daemonSets, { ...set, status }, 'status')
      if (failure) throw failure
      await limitHistory(set, { old, pods: seen }, context)
      const waits = [retryAfter, nextAvailable(set, seen, now)].filter(wait => wait !== undefined)
      return waits.length > 0 ? { requeueAfter: Math.min(...waits) } : undefined
    },
  }
}

const podsOf = ({ metadata }: DaemonSet, { informers }: ControllerContext): Pod[] =>
  informers
    .informer(pods)
    .by('owner-uid', metadata.uid)
    .filter(pod => controllerOf(pod)?.uid === metadata.uid)

/** Creates and deletes pods; returns the first failure. */
async function apply(
  set: DaemonSet,
  { create, remove, hash }: Changes & { hash: string },
  context: ControllerContext,
): Promise<Error | undefined> {
  const wanted = create.slice(0, burst).map(node => ({ template: templateFor(set, node, hash) }))
  const notCreated = await createPods({ owner: set, ownerKind: daemonSets }, wanted, context)
  const notDeleted = await deletePods(set, remove.slice(0, burst), context)
  return notCreated ?? notDeleted
}
