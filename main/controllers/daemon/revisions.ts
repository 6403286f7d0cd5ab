import { controllerRevisions, daemonSets, type ControllerRevision, type DaemonSet } from '../../../shared/api/apps.ts'
import { pods, type Pod } from '../../../shared/api/core.ts'
import type { ControllerContext } from '../../../shared/client/controller.ts'
import { keyOf } from '../../../shared/client/key.ts'
import {
  claimRevisions,
  createRevision,
  hasTemplate,
  renumber,
  revisionLabel,
  truncateHistory,
} from '../history/revisions.ts'

interface Revisions {
  /** The hash of the current template, which its pods have as their label. */
  hash: string
  /** Sorted, oldest first. */
  old: readonly ControllerRevision[]
  collisionCount: number | undefined
}

/** The revision of the current template, created or brought back if need be (daemon/update.go constructHistory). */
export async function syncRevisions(set: DaemonSet, context: ControllerContext): Promise<Revisions> {
  const owned = { owner: set, ownerKind: daemonSets }
  const claimed = await claimRevisions(owned, context)
  const same = claimed.filter(revision => hasTemplate(revision, set.spec.template))
  const old = claimed.filter(revision => !same.includes(revision))
  const next = (old.at(-1)?.revision ?? 0) + 1
  const { collisionCount } = set.status ?? {}
  const current = same.pop()
  if (!current) {
    const made = await createRevision(owned, { revision: next, hashLabel: revisionLabel, collisionCount }, context)
    return { hash: hashOf(made.revision), old, collisionCount: made.collisionCount }
  }
  if (same.length > 0) await replace(same, current, { set, context })
  if (current.revision < next) await renumber(current, next, context)
  return { hash: hashOf(current), old, collisionCount }
}

const hashOf = ({ metadata }: ControllerRevision) => metadata.labels?.[revisionLabel] ?? metadata.name

/** Of revisions with the same template one stays, and pods of the others become its pods (dedupCurHistories). */
async function replace(
  doubles: readonly ControllerRevision[],
  kept: ControllerRevision,
  { set, context: { client, informers } }: { set: DaemonSet; context: ControllerContext },
): Promise<void> {
  const gone = new Set(doubles.map(hashOf))
  for (const pod of informers.informer(pods).by('owner-uid', set.metadata.uid)) {
    if (!gone.has(pod.metadata.labels?.[revisionLabel] ?? '')) continue
    const body = { metadata: { labels: { [revisionLabel]: hashOf(kept) } } }
    await client.patch(pods, keyOf(pod), { type: 'application/merge-patch+json', body })
  }
  for (const double of doubles) await client.delete(controllerRevisions, keyOf(double))
}

/** Keeps revisionHistoryLimit old revisions; those that pods still have are not deleted (cleanupHistory). */
export async function limitHistory(
  set: DaemonSet,
  { old, pods: owned }: { old: readonly ControllerRevision[]; pods: readonly Pod[] },
  context: ControllerContext,
): Promise<void> {
  const live = new Set(owned.map(pod => pod.metadata.labels?.[revisionLabel]))
  const unused = old.filter(revision => !live.has(hashOf(revision)))
  await truncateHistory(unused, old.length - (set.spec.revisionHistoryLimit ?? 10), context)
}
