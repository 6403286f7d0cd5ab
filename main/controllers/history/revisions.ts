import { controllerRevisions, type ControllerRevision } from '../../../shared/api/apps.ts'
import type { PodTemplateSpec } from '../../../shared/api/core.ts'
import type { KubeObject } from '../../../shared/api/object.ts'
import type { ResourceRef } from '../../../shared/api/ref.ts'
import type { ControllerContext } from '../../../shared/client/controller.ts'
import { keyOf } from '../../../shared/client/key.ts'
import { controllerRef } from '../../../shared/client/watches.ts'
import { unlessGone } from '../../../shared/client/unless-gone.ts'
import { canonicalJson, podTemplateHash } from '../../../shared/machinery/hash.ts'
import { jsonEqual } from '../../../shared/machinery/json-value.ts'
import type { LabelSelector } from '../../../shared/machinery/selectors.ts'
import { isAlreadyExists } from '../../../shared/machinery/status.ts'
import { claim } from '../claim.ts'

/** The label of pods that names the revision of their template. */
export const revisionLabel = 'controller-revision-hash'

/** What has revisions: a StatefulSet or a DaemonSet. */
interface Owned {
  owner: KubeObject & { spec: { selector: LabelSelector; template: PodTemplateSpec } }
  ownerKind: ResourceRef
}

/** What a revision keeps: a strategic merge patch that brings its template back (statefulset getPatch). */
interface Snapshot {
  spec: { template: PodTemplateSpec & { $patch: 'replace' } }
}

const snapshotOf = (template: PodTemplateSpec): Snapshot => ({ spec: { template: { ...template, $patch: 'replace' } } })

/** With its keys in order, as Go writes maps: kubectl and others compare the bytes of a revision with those of a template. */
const inOrder = (snapshot: Snapshot) => JSON.parse(canonicalJson(snapshot)) as Snapshot

/** The template of a revision. */
export function templateOf(revision: ControllerRevision): PodTemplateSpec {
  const { $patch: _, ...template } = (revision.data as Snapshot).spec.template
  return template
}

/** Whether a revision has this template. */
export function hasTemplate(revision: ControllerRevision, template: PodTemplateSpec): boolean {
  return jsonEqual(revision.data, snapshotOf(template))
}

/** The revisions of an owner, adopted where they were orphans, oldest first (history.SortControllerRevisions). */
export async function claimRevisions(
  { owner, ownerKind }: Owned,
  { client, informers }: Pick<ControllerContext, 'client' | 'informers'>,
): Promise<ControllerRevision[]> {
  const candidates = informers.informer(controllerRevisions).list(owner.metadata.namespace)
  const { selector } = owner.spec
  const claimed = await claim({ client, owner, ownerKind, selector, childKind: controllerRevisions, candidates })
  return claimed.sort((a, b) => a.revision - b.revision || (createdAndNamed(a) < createdAndNamed(b) ? -1 : 1))
}

const createdAndNamed = ({ metadata }: ControllerRevision) => `${metadata.creationTimestamp ?? ''} ${metadata.name}`

/** The longest part of a revision's name that comes from its owner (history.ControllerRevisionName). */
const longestPrefix = 223

/**
 * Keeps the owner's template as a revision of this number. A name that another template has taken is stepped aside from
 * by counting the collision (history.CreateControllerRevision); the count returns.
 */
export async function createRevision(
  { owner, ownerKind }: Owned,
  { revision, hashLabel, collisionCount }: { revision: number; hashLabel: string; collisionCount: number | undefined },
  { client, informers, signal }: ControllerContext,
): Promise<{ revision: ControllerRevision; collisionCount: number | undefined }> {
  const { namespace = '', name: ownerName, annotations = {} } = owner.metadata
  const { template } = owner.spec
  for (let collisions = collisionCount; ; collisions = (collisions ?? 0) + 1) {
    const hash = podTemplateHash(template, collisions)
    const name = `${ownerName.slice(0, longestPrefix)}-${hash}`
    const labels = { ...template.metadata?.labels, [hashLabel]: hash }
    const metadata = { namespace, name, labels, annotations, ownerReferences: [controllerRef(owner, ownerKind)] }
    try {
      const created = await client.create(controllerRevisions, {
        metadata,
        data: inOrder(snapshotOf(template)),
        revision,
      })
      await informers.informer(controllerRevisions).reached(created.metadata.resourceVersion, signal)
      return { revision: created, collisionCount: collisions }
    } catch (error) {
      if (!isAlreadyExists(error)) throw error
      const taken = await client.get(controllerRevisions, { namespace, name })
      if (hasTemplate(taken, template)) return { revision: taken, collisionCount: collisions }
    }
  }
}

/** Makes a revision the newest again, which is how a rollback shows. */
export async function renumber(
  given: ControllerRevision,
  revision: number,
  { client, informers, signal }: ControllerContext,
): Promise<ControllerRevision> {
  if (given.revision === revision) return given
  const updated = await client.update(controllerRevisions, { ...given, revision })
  await informers.informer(controllerRevisions).reached(updated.metadata.resourceVersion, signal)
  return updated
}

/** Deletes the oldest of the revisions nothing runs, as many as are beyond the limit; `unused` is sorted. */
export async function truncateHistory(
  unused: readonly ControllerRevision[],
  surplus: number,
  { client }: Pick<ControllerContext, 'client'>,
): Promise<void> {
  for (const revision of unused.slice(0, Math.max(0, surplus))) {
    await unlessGone(client.delete(controllerRevisions, keyOf(revision)))
  }
}
