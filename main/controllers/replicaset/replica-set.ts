import { replicaSets, type ReplicaSet } from '../../../shared/api/apps.ts'
import { pods, type Pod } from '../../../shared/api/core.ts'
import type { Controller, ControllerContext } from '../../../shared/client/controller.ts'
import type { Informers } from '../../../shared/client/informer.ts'
import { keyOf } from '../../../shared/client/key.ts'
import { controllerOf, controllerRef, each, mapped, ownedBy } from '../../../shared/client/watches.ts'
import { matchesRequirements, requirementsOf } from '../../../shared/machinery/selectors.ts'
import { isNotFound } from '../../../shared/machinery/status.ts'
import { claim } from '../claim.ts'
import { isActive } from '../pod-state.ts'
import { isNamespaceTerminating } from '../namespace-terminating.ts'
import { sameJson } from '../same-json.ts'
import { rankForDeletion } from './rank-pods.ts'
import { nextAvailable, replicaSetStatus } from './replica-set-status.ts'
import { toError } from '../to-error.ts'
import { slowStart } from './slow-start.ts'

/** Most pods created or deleted in one go. */
const burst = 500

/**
 * Keeps as many pods as a ReplicaSet wants (pkg/controller/replicaset).
 *
 * Upstream remembers "expectations" so that a cache that has not seen the last writes does not lead to more of them.
 * Here nothing is remembered: a reconcile ends only when its informer has seen what it wrote (resource versions
 * compare, KEP-5504), and one key is never reconciled twice at once, so the next reconcile counts right.
 */
export const replicaSetController: Controller = {
  name: 'replicaset-controller',
  watches: [
    each(replicaSets),
    ownedBy(replicaSets, pods),
    // Orphans: whoever selects them may adopt them.
    mapped(pods, (pod, informers) => (controllerOf(pod) ? [] : selecting(pod, informers))),
  ],

  async reconcile(key, context) {
    const { client, informers, clock } = context
    const replicaSet = informers.informer(replicaSets).get(key)
    if (!replicaSet) return undefined
    const candidates = informers.informer(pods).list(key.namespace)
    const owned = await claim({
      client,
      owner: replicaSet,
      ownerKind: replicaSets,
      childKind: pods,
      candidates,
      adoptable: isActive,
    })
    const { failure, error } = replicaSet.metadata.deletionTimestamp
      ? {}
      : await scale(replicaSet, owned.filter(isActive), context)

    const now = clock.now()
    const seen = owned.map(pod => informers.informer(pods).get(keyOf(pod)) ?? pod)
    const status = replicaSetStatus(replicaSet, { pods: seen, failure, now })
    if (!sameJson(status, replicaSet.status)) await client.update(replicaSets, { ...replicaSet, status }, 'status')
    if (error) throw error
    const requeueAfter = nextAvailable(replicaSet, seen, now)
    return requeueAfter === undefined ? undefined : { requeueAfter }
  },
}

function selecting(pod: Pod, informers: Informers) {
  return informers
    .informer(replicaSets)
    .list(pod.metadata.namespace)
    .filter(replicaSet => matchesRequirements(requirementsOf(replicaSet.spec.selector), pod.metadata.labels))
    .map(keyOf)
}

interface Outcome {
  failure?: { reason: 'FailedCreate' | 'FailedDelete'; message: string }
  error?: Error
}

async function scale(replicaSet: ReplicaSet, active: Pod[], context: ControllerContext): Promise<Outcome> {
  const surplus = active.length - (replicaSet.spec.replicas ?? 1)
  if (surplus < 0) return createPods(replicaSet, Math.min(-surplus, burst), context)
  if (surplus > 0) return deletePods(replicaSet, { active, count: Math.min(surplus, burst) }, context)
  return {}
}

async function createPods(replicaSet: ReplicaSet, count: number, context: ControllerContext): Promise<Outcome> {
  const { client, informers, recorder, signal } = context
  const { template } = replicaSet.spec
  const { labels = {}, annotations = {}, finalizers = [] } = template?.metadata ?? {}
  const { namespace = '', name } = replicaSet.metadata
  const newest: string[] = []
  const { failures } = await slowStart(count, async () => {
    const pod = await client.create(pods, {
      metadata: {
        namespace,
        generateName: `${name}-`,
        labels,
        annotations,
        finalizers,
        ownerReferences: [controllerRef(replicaSet, replicaSets)],
      },
      spec: template?.spec ?? { containers: [] },
    })
    recorder.event(replicaSet, 'Normal', 'SuccessfulCreate', `Created pod: ${pod.metadata.name}`)
    newest.push(pod.metadata.resourceVersion ?? '0')
  })
  await Promise.all(newest.map(version => informers.informer(pods).reached(version, signal)))
  const error = failures.find(each => !isNamespaceTerminating(each))
  if (!error) return {}
  recorder.event(replicaSet, 'Warning', 'FailedCreate', `Error creating: ${error.message}`)
  return { error, failure: { reason: 'FailedCreate', message: error.message } }
}

async function deletePods(
  replicaSet: ReplicaSet,
  { active, count }: { active: Pod[]; count: number },
  { client, informers, recorder, clock, signal }: ControllerContext,
): Promise<Outcome> {
  const informer = informers.informer(pods)
  const related = relatedByNode(replicaSet, { informers })
  const ranked = rankForDeletion(active, {
    related: pod => related.get(pod.spec.nodeName ?? '') ?? 0,
    now: clock.now(),
  })
  const results = await Promise.allSettled(
    ranked.slice(0, count).map(async pod => {
      try {
        await client.delete(pods, keyOf(pod), { preconditions: { uid: pod.metadata.uid } })
      } catch (error) {
        if (isNotFound(error)) return
        recorder.event(replicaSet, 'Warning', 'FailedDelete', `Error deleting: ${toError(error).message}`)
        throw error
      }
      recorder.event(replicaSet, 'Normal', 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`)
      await informer.until(() => isGoing(pod, informer.get(keyOf(pod))), signal)
    }),
  )
  const failed = results.find(result => result.status === 'rejected')
  if (!failed) return {}
  const error = toError(failed.reason)
  return { error, failure: { reason: 'FailedDelete', message: `unable to delete pods: ${error.message}` } }
}

const isGoing = (pod: Pod, seen: Pod | undefined) => seen?.metadata.uid !== pod.metadata.uid || !isActive(seen)

/** Active pods per node of all ReplicaSets with the same controller: a scale-down keeps them spread. */
function relatedByNode(replicaSet: ReplicaSet, { informers }: Pick<ControllerContext, 'informers'>) {
  const controller = controllerOf(replicaSet)?.uid
  const siblings = controller ? informers.informer(replicaSets).by('owner-uid', controller) : [replicaSet]
  const counts = new Map<string, number>()
  for (const pod of siblings.flatMap(sibling => informers.informer(pods).by('owner-uid', sibling.metadata.uid))) {
    const node = pod.spec.nodeName ?? ''
    if (isActive(pod)) counts.set(node, (counts.get(node) ?? 0) + 1)
  }
  return counts
}
