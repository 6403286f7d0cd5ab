import type { KubeObject } from '../../../shared/api/object.ts'
import type { ResourceRef } from '../../../shared/api/ref.ts'

/** Something set aside for an object until its write has succeeded or failed (upstream's FinishFunc). */
export interface Allocation {
  /** The write is stored. */
  keep(): void
  /** The write came to nothing. */
  giveBack(): void
}

/** Completes an object with what only the server can give out: cluster IPs, node ports. */
export interface Allocator {
  readonly ref: ResourceRef
  /** May change `object`, which is private to the request; throws a StatusError when what it asks for is taken. */
  allocate(object: KubeObject, old: KubeObject | undefined): Promise<Allocation>
}

export type Allocators = readonly Allocator[]

/** Runs `write` with everything allocated that the object needs; what was set aside goes back if it fails. */
export async function withAllocations<Result>(
  allocators: Allocators,
  subject: { ref: ResourceRef; object: KubeObject; old?: KubeObject; dryRun: boolean },
  write: () => Promise<Result>,
): Promise<Result> {
  const allocator = allocators.find(a => a.ref.resource === subject.ref.resource && a.ref.group === subject.ref.group)
  if (!allocator) return write()
  const allocation = await allocator.allocate(subject.object, subject.old)
  try {
    const result = await write()
    if (subject.dryRun) allocation.giveBack()
    else allocation.keep()
    return result
  } catch (error) {
    allocation.giveBack()
    throw error
  }
}
