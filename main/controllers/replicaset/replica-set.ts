import { replicaSets, type ReplicaSet } from '../../../shared/api/apps.ts'
import { pods, replicationControllers, type Pod, type ReplicationController } from '../../../shared/api/core.ts'
import type { ResourceRef } from '../../../shared/api/ref.ts'
import type { Controller, ControllerContext } from '../../../shared/client/controller.ts'
import { keyOf } from '../../../shared/client/key.ts'
import { controllerOf, each, mapped, ownedBy } from '../../../shared/client/watches.ts'
import { jsonEqual } from '../../../shared/machinery/json-value.ts'
import { matchesRequirements, requirementsOf, type LabelSelector } from '../../../shared/machinery/selectors.ts'
import { claim } from '../claim.ts'
import { burst, createPods, deletePods } from '../pod-control.ts'
import { isActive } from '../pod-state.ts'
import { rankForDeletion } from './rank-pods.ts'
import { nextAvailable, replicaSetStatus } from './replica-set-status.ts'

/** What has replicas of one pod: a ReplicaSet, or its elder, the ReplicationController. */
type Replicas = ReplicaSet | ReplicationController

interface Kind<T extends Replicas> {
  name: string
  ref: ResourceRef<T>
  selectorOf: (object: T) => LabelSelector | undefined
  /** Whether the status tells how many pods are on their way out (KEP-3973). */
  countsTerminating: boolean
}

/** Keeps as many pods as a ReplicaSet wants (pkg/controller/replicaset). */
export const replicaSetController = replicasController({
  name: 'replicaset-controller',
  ref: replicaSets,
  selectorOf: ({ spec }) => spec.selector,
  countsTerminating: true,
})

/** Keeps as many pods as a ReplicationController wants, in the same way (pkg/controller/replication). */
export const replicationControllerController = replicasController({
  name: 'replication-controller',
  ref: replicationControllers,
  selectorOf: ({ spec }) => spec.selector && { matchLabels: spec.selector },
  countsTerminating: false,
})

/**
 * Upstream remembers "expectations" so that a cache that has not seen the last writes does not lead to more of them.
 * Here nothing is remembered: a reconcile ends only when its informer has seen what it wrote (resource versions
 * compare, KEP-5504), and one key is never reconciled twice at once, so the next reconcile counts right.
 */
function replicasController<T extends Replicas>({ name, ref, selectorOf, countsTerminating }: Kind<T>): Controller {
  return {
    name,
    watches: [
      each(ref),
      ownedBy(ref, pods),
      // Orphans: whoever selects them may adopt them.
      mapped(pods, (pod, informers) => {
        if (controllerOf(pod)) return []
        const owners = informers.informer(ref).list(pod.metadata.namespace)
        return owners
          .filter(owner => matchesRequirements(requirementsOf(selectorOf(owner)), pod.metadata.labels))
          .map(keyOf)
      }),
    ],

    async reconcile(key, context) {
      const { client, informers, clock } = context
      const owner = informers.informer(ref).get(key)
      if (!owner) return undefined
      const owned = await claim({
        client,
        owner,
        selector: selectorOf(owner),
        ownerKind: ref,
        childKind: pods,
        candidates: informers.informer(pods).list(key.namespace),
        adoptable: isActive,
      })
      const { failure, error } = owner.metadata.deletionTimestamp
        ? {}
        : await scale({ owner, ownerKind: ref }, owned.filter(isActive), context)

      const now = clock.now()
      const seen = owned.map(pod => informers.informer(pods).get(keyOf(pod)) ?? pod)
      const { terminatingReplicas, ...counted } = replicaSetStatus(owner, { pods: seen, failure, now })
      const status = { ...counted, ...(countsTerminating && { terminatingReplicas }) }
      if (!jsonEqual(status, owner.status)) await client.update(ref, { ...owner, status }, 'status')
      if (error) throw error
      const requeueAfter = nextAvailable(owner, seen, now)
      return requeueAfter === undefined ? undefined : { requeueAfter }
    },
  }
}

interface Owned {
  owner: Replicas
  ownerKind: ResourceRef
}

interface Outcome {
  failure?: { reason: 'FailedCreate' | 'FailedDelete'; message: string }
  error?: Error
}

async function scale(owned: Owned, active: Pod[], context: ControllerContext): Promise<Outcome> {
  const { replicas = 1, template = {} } = owned.owner.spec
  const surplus = active.length - replicas
  if (surplus < 0) {
    const wanted = Array.from({ length: Math.min(-surplus, burst) }, () => ({ template }))
    const error = await createPods(owned, wanted, context)
    return error ? { error, failure: { reason: 'FailedCreate', message: error.message } } : {}
  }
  if (surplus === 0) return {}
  const related = relatedByNode(owned, context)
  const ranked = rankForDeletion(active, {
    related: pod => related.get(pod.spec.nodeName ?? '') ?? 0,
    now: context.clock.now(),
  })
  const error = await deletePods(owned.owner, ranked.slice(0, Math.min(surplus, burst)), context)
  const message = `unable to delete pods: ${error?.message ?? ''}`
  return error ? { error, failure: { reason: 'FailedDelete', message } } : {}
}

/** Active pods per node of all with the same controller (the sets of a Deployment): a scale-down keeps them spread. */
function relatedByNode({ owner, ownerKind }: Owned, { informers }: Pick<ControllerContext, 'informers'>) {
  const controller = controllerOf(owner)?.uid
  const siblings = controller ? informers.informer(ownerKind).by('owner-uid', controller) : [owner]
  const counts = new Map<string, number>()
  for (const pod of siblings.flatMap(sibling => informers.informer(pods).by('owner-uid', sibling.metadata.uid))) {
    const node = pod.spec.nodeName ?? ''
    if (isActive(pod)) counts.set(node, (counts.get(node) ?? 0) + 1)
  }
  return counts
}
