import type { KubeletParts } from '../kubelet-parts.ts'
import type { PodWorkers } from './pod-workers.ts'

/** Ends containers and volumes of pods that no worker has, e.g. of one that was deleted while the kubelet was away. */
export async function removeLeftovers({ relist, host, runtime }: KubeletParts, workers: PodWorkers): Promise<void> {
  const { sandboxes, containers } = await relist.all()
  for (const { pod } of [...sandboxes, ...containers]) workers.takeLeftover(pod)
  for (const uid of await host.pods()) if (!workers.get(uid)) await host.removePod(uid)
  await runtime.removeLeftovers(workers.uids())
}
