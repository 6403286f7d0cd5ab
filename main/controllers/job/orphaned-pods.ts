import { jobs } from '../../../shared/api/batch.ts'
import { pods, type Pod } from '../../../shared/api/core.ts'
import type { Controller } from '../../../shared/client/controller.ts'
import type { Informers } from '../../../shared/client/informer.ts'
import { keyOf } from '../../../shared/client/key.ts'
import { controllerOf, mapped, refersTo } from '../../../shared/client/watches.ts'
import { isFinished } from './job-conditions.ts'
import { isManagedElsewhere, isTracked } from './job-pods.ts'
import { removeTracking } from './remove-tracking.ts'

/** Lets go of pods that no Job will count any more: theirs is gone, or has finished (pkg/controller/job syncOrphanPod). */
export const orphanedJobPodsController: Controller = {
  name: 'job-orphaned-pods-controller',
  watches: [
    mapped(pods, pod => (isTracked(pod) ? [keyOf(pod)] : [])),
    mapped(jobs, (job, informers) =>
      informers.informer(pods).by('owner-uid', job.metadata.uid).filter(isTracked).map(keyOf),
    ),
  ],

  async reconcile(key, context) {
    const pod = context.informers.informer(pods).get(key)
    if (pod && isTracked(pod) && isOrphaned(pod, context.informers)) await removeTracking([pod], context)
  },
}

function isOrphaned(pod: Pod, informers: Informers): boolean {
  const owner = controllerOf(pod)
  if (!owner) return true
  if (!refersTo(owner, jobs)) return false
  const job = informers.informer(jobs).get({ namespace: pod.metadata.namespace ?? '', name: owner.name })
  if (job?.metadata.uid !== owner.uid) return true
  return !isManagedElsewhere(job) && isFinished(job)
}
