import { statefulSets, type ControllerRevision, type StatefulSet } from '../../../shared/api/apps.ts'
import type { Pod } from '../../../shared/api/core.ts'
import type { ControllerContext } from '../../../shared/client/controller.ts'
import {
  claimRevisions,
  createRevision,
  hasTemplate,
  renumber,
  revisionLabel,
  truncateHistory,
} from '../history/revisions.ts'

/** Where a set comes from and where it goes to; `all` is sorted, oldest first. */
export interface Revisions {
  all: readonly ControllerRevision[]
  current: ControllerRevision
  update: ControllerRevision
  collisionCount: number
}

/**
 * The revision of the set's template, created or brought back if need be, and the one that its pods had before
 * (statefulset getStatefulSetRevisions).
 */
export async function syncRevisions(set: StatefulSet, context: ControllerContext): Promise<Revisions> {
  const owned = { owner: set, ownerKind: statefulSets }
  const all = await claimRevisions(owned, context)
  const last = all.at(-1)
  const next = (last?.revision ?? 0) + 1
  const known = all.findLast(revision => hasTemplate(revision, set.spec.template))
  let { collisionCount = 0 } = set.status ?? {}
  let update = known
  if (!update) {
    const given = { revision: next, hashLabel: 'controller.kubernetes.io/hash', collisionCount }
    const created = await createRevision(owned, given, context)
    update = created.revision
    collisionCount = created.collisionCount ?? 0
  } else if (update !== last) update = await renumber(update, next, context)
  const current = all.find(revision => revision.metadata.name === set.status?.currentRevision) ?? update
  return { all, current, update, collisionCount }
}

/** Keeps revisionHistoryLimit revisions besides those that pods have or will have. */
export async function limitHistory(
  set: StatefulSet,
  { revisions, pods }: { revisions: Revisions; pods: readonly Pod[] },
  context: ControllerContext,
): Promise<void> {
  const { all, current, update } = revisions
  const live = new Set([current.metadata.name, update.metadata.name])
  for (const pod of pods) live.add(pod.metadata.labels?.[revisionLabel] ?? '')
  const unused = all.filter(revision => !live.has(revision.metadata.name))
  await truncateHistory(unused, unused.length - (set.spec.revisionHistoryLimit ?? 10), context)
}
