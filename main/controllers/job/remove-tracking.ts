import { pods, type Pod } from '../../../shared/api/core.ts'
import type { ControllerContext } from '../../../shared/client/controller.ts'
import { keyOf } from '../../../shared/client/key.ts'
import { unlessGone } from '../../../shared/client/unless-gone.ts'
import { isTracked, trackingFinalizer } from './job-pods.ts'

/** Lets go of pods that are counted, or need not be, and waits until the informer has seen it. */
export async function removeTracking(
  counted: readonly Pod[],
  { client, informers, signal }: Pick<ControllerContext, 'client' | 'informers' | 'signal'>,
): Promise<void> {
  const informer = informers.informer(pods)
  const type = 'application/strategic-merge-patch+json'
  await Promise.all(
    counted.filter(isTracked).map(async pod => {
      // The uid makes sure that it is this pod, and none of the same name after it.
      const metadata = { uid: pod.metadata.uid, '$deleteFromPrimitiveList/finalizers': [trackingFinalizer] }
      await unlessGone(client.patch(pods, keyOf(pod), { type, body: { metadata } }))
      await informer.until(() => {
        const seen = informer.get(keyOf(pod))
        return seen?.metadata.uid !== pod.metadata.uid || !isTracked(seen)
      }, signal)
    }),
  )
}
