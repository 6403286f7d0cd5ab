import type { Job } from '../../../shared/api/batch.ts'
import type { Pod } from '../../../shared/api/core.ts'

/** Keeps a finished pod until its Job has counted it (KEP-2307). */
export const trackingFinalizer = 'batch.kubernetes.io/job-tracking'

/** Label and annotation of a pod with its index. */
export const completionIndex = 'batch.kubernetes.io/job-completion-index'

/** How often pods of this index had failed when the pod was made, and how many more failures a policy ignored. */
export const indexFailures = 'batch.kubernetes.io/job-index-failure-count'
export const ignoredIndexFailures = 'batch.kubernetes.io/job-index-ignored-failure-count'

/** Whether the Job leaves its pods to another controller (KEP-4368). */
export function isManagedElsewhere({ spec: { managedBy } }: Job): boolean {
  return managedBy !== undefined && managedBy !== 'kubernetes.io/job-controller'
}

export const isIndexed = ({ spec }: Job) => spec.completionMode === 'Indexed'

export const isTracked = ({ metadata }: Pod) => metadata.finalizers?.includes(trackingFinalizer) ?? false

/** The index of a pod that is one of the Job's completions. */
export function indexOf(pod: Pod, { spec: { completions = 0 } }: Job): number | undefined {
  const index = numberIn(pod, completionIndex)
  return index !== undefined && index < completions ? index : undefined
}

/** A number that is not negative in an annotation. */
export function numberIn({ metadata }: Pod, annotation: string): number | undefined {
  const text = metadata.annotations?.[annotation] ?? ''
  const value = /^[+]?\d+$/.test(text) ? Number(text) : NaN
  return value <= 2147483647 ? value : undefined
}

/** Whether a pod is replaced only once it has stopped (podReplacementPolicy, KEP-3939). */
export function replacesOnlyFailed({ spec }: Job): boolean {
  return spec.podReplacementPolicy === 'Failed' || spec.podFailurePolicy !== undefined
}

/** Whether a pod counts as failed: one that is being deleted does, unless it may still end otherwise. */
export function isPodFailed(pod: Pod, job: Job): boolean {
  if (pod.status?.phase === 'Failed') return true
  if (replacesOnlyFailed(job)) return false
  return pod.metadata.deletionTimestamp !== undefined && pod.status?.phase !== 'Succeeded'
}
