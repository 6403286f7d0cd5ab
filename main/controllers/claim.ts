import type { KubeObject } from '../../shared/api/object.ts'
import type { ResourceRef } from '../../shared/api/ref.ts'
import type { Client } from '../../shared/client/client.ts'
import { keyOf } from '../../shared/client/key.ts'
import { controllerOf, controllerRef } from '../../shared/client/watches.ts'
import { matchesRequirements, requirementsOf, type LabelSelector } from '../../shared/machinery/selectors.ts'
import { unlessReplaced } from './unless-replaced.ts'

interface Claim<Child extends KubeObject> {
  client: Client
  owner: KubeObject
  selector: LabelSelector | undefined
  ownerKind: ResourceRef
  childKind: ResourceRef<Child>
  /** Everything of the owner's namespace. */
  candidates: Child[]
  /** What a child must be besides matching the selector. */
  isMember?: (child: Child) => boolean
  /** Of the orphans that match, those worth adopting. */
  adoptable?: (child: Child) => boolean
  /** What adopted children get, too. */
  finalizer?: string
}

const strategic = 'application/strategic-merge-patch+json'

/**
 * The children an owner controls: adopts orphans that match its selector and lets go of those that no longer do
 * (pkg/controller/controller_ref_manager.go). Before the first adoption the owner is read live: a cache that has not
 * seen its deletion yet would adopt what the deletion orphaned.
 */
export async function claim<Child extends KubeObject>(given: Claim<Child>): Promise<Child[]> {
  const { client, owner, ownerKind, childKind, candidates } = given
  const selector = requirementsOf(given.selector)
  let mayAdopt: Promise<boolean> | undefined

  async function stillWanted(): Promise<boolean> {
    const live = await client.get(ownerKind, keyOf(owner))
    return live.metadata.uid === owner.metadata.uid && !live.metadata.deletionTimestamp
  }

  async function adopt(child: Child): Promise<Child | undefined> {
    if (owner.metadata.deletionTimestamp || child.metadata.deletionTimestamp) return undefined
    if (given.adoptable?.(child) === false) return undefined
    mayAdopt ??= stillWanted()
    if (!(await mayAdopt)) return undefined
    const metadata = {
      uid: child.metadata.uid,
      ownerReferences: [controllerRef(owner, ownerKind)],
      ...(given.finalizer !== undefined && { finalizers: [given.finalizer] }),
    }
    return unlessReplaced(client.patch(childKind, keyOf(child), { type: strategic, body: { metadata } }))
  }

  async function release(child: Child): Promise<void> {
    if (owner.metadata.deletionTimestamp) return
    const ownerReferences = [{ $patch: 'delete', uid: owner.metadata.uid }]
    const metadata = { uid: child.metadata.uid, ownerReferences }
    await unlessReplaced(client.patch(childKind, keyOf(child), { type: strategic, body: { metadata } }))
  }

  const claimed: Child[] = []
  for (const child of candidates) {
    const controller = controllerOf(child)
    const matches = matchesRequirements(selector, child.metadata.labels) && given.isMember?.(child) !== false
    if (controller?.uid === owner.metadata.uid) {
      if (matches) claimed.push(child)
      else await release(child)
    } else if (!controller && matches) {
      const adopted = await adopt(child)
      if (adopted) claimed.push(adopted)
    }
  }
  return claimed
}
