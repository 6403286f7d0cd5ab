import { controllerRevisions, statefulSets, type StatefulSet } from '../../../shared/api/apps.ts'
import { persistentVolumeClaims, pods, type Pod } from '../../../shared/api/core.ts'
import type { Controller, ControllerContext } from '../../../shared/client/controller.ts'
import { keyOf } from '../../../shared/client/key.ts'
import { controllerOf, each, mapped, ownedBy } from '../../../shared/client/watches.ts'
import { jsonEqual } from '../../../shared/machinery/json-value.ts'
import { matchesRequirements, requirementsOf } from '../../../shared/machinery/selectors.ts'
import { claim } from '../claim.ts'
import { toError } from '../to-error.ts'
import { act } from './act.ts'
import { identityOf } from './ordinals.ts'
import { limitHistory, syncRevisions, type Revisions } from './revisions.ts'
import { nextAvailable, statefulSetStatus } from './stateful-set-status.ts'

/**
 * Keeps pods that have a name, a place in an order and storage of their own (pkg/controller/statefulset). A reconcile
 * ends only when the informers have seen what it wrote, so the next one reads its own writes.
 */
export const statefulSetController: Controller = {
  name: 'statefulset-controller',
  watches: [
    each(statefulSets),
    ownedBy(statefulSets, pods),
    // Orphans: whoever selects them may adopt them.
    mapped(pods, (pod, informers) => {
      if (controllerOf(pod)) return []
      const sets = informers.informer(statefulSets).list(pod.metadata.namespace)
      return sets
        .filter(({ spec }) => matchesRequirements(requirementsOf(spec.selector), pod.metadata.labels))
        .map(keyOf)
    }),
    // A set may wait for a claim to go, or miss one.
    mapped(persistentVolumeClaims, ({ metadata: { name, namespace } }, informers) =>
      informers
        .informer(statefulSets)
        .list(namespace)
        .filter(set => mayUse(set, name))
        .map(keyOf),
    ),
    ownedBy(statefulSets, controllerRevisions),
  ],

  async reconcile(key, context) {
    const { client, informers, clock } = context
    const set = informers.informer(statefulSets).get(key)
    if (!set) return undefined
    const isGoing = set.metadata.deletionTimestamp !== undefined
    const revisions = isGoing ? undefined : await syncRevisions(set, context)
    const owned = await claim({
      client,
      owner: set,
      ownerKind: statefulSets,
      childKind: pods,
      selector: set.spec.selector,
      candidates: informers.informer(pods).list(key.namespace),
      isMember: pod => identityOf(pod).parent === set.metadata.name,
    })

    const failure = revisions && (await act({ set, revisions, pods: owned }, context).catch(toError))
    const seen = podsOf(set, context)
    await writeStatus(set, { revisions, pods: seen }, context)
    if (revisions) await limitHistory(set, { revisions, pods: seen }, context)
    if (failure) throw failure
    const requeueAfter = nextAvailable(set, seen, clock.now())
    return requeueAfter === undefined ? undefined : { requeueAfter }
  },
}

const mayUse = ({ metadata, spec }: StatefulSet, claimName: string) =>
  spec.volumeClaimTemplates?.some(template =>
    claimName.startsWith(`${template.metadata?.name ?? ''}-${metadata.name}-`),
  ) ?? false

const podsOf = ({ metadata }: StatefulSet, { informers }: ControllerContext): Pod[] =>
  informers
    .informer(pods)
    .by('owner-uid', metadata.uid)
    .filter(pod => controllerOf(pod)?.uid === metadata.uid)

async function writeStatus(
  set: StatefulSet,
  { revisions, pods: seen }: { revisions: Revisions | undefined; pods: readonly Pod[] },
  { client, clock }: ControllerContext,
): Promise<void> {
  const { currentRevision = '', updateRevision = '', collisionCount = 0 } = set.status ?? {}
  const status = statefulSetStatus(set, {
    pods: seen,
    revisions: {
      current: revisions?.current.metadata.name ?? currentRevision,
      update: revisions?.update.metadata.name ?? updateRevision,
    },
    collisionCount: revisions?.collisionCount ?? collisionCount,
    now: clock.now(),
  })
  if (!jsonEqual(status, set.status)) await client.update(statefulSets, { ...set, status }, 'status')
}
