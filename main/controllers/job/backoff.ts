import type { Pod } from '../../../shared/api/core.ts'
import { conditionOf } from '../pod-state.ts'

const first = 10_000
const most = 600_000

/**
 * Milliseconds until failed pods may be replaced: 10 s after the first failure since the last success, twice as long
 * after each further one, at most 10 min (pkg/controller/job/backoff_utils.go). Told from the pods that are there;
 * upstream also remembers those that are gone.
 */
export function backoffOf(ended: { succeeded: readonly Pod[]; failed: readonly Pod[] }, now: number): number {
  const lastSuccess = Math.max(-Infinity, ...ended.succeeded.map(finishedAt))
  const failures = ended.failed.map(finishedAt).filter(time => time > lastSuccess)
  return backoffAfter({ failures: failures.length, last: Math.max(...failures), now })
}

/** The same for a number of failures, of which the last was at `last` (ms). */
export function backoffAfter({ failures, last, now }: { failures: number; last: number; now: number }): number {
  if (failures === 0) return 0
  return Math.max(0, Math.min(first * 2 ** (failures - 1), most) - (now - last))
}

/** When a pod ended (ms): the last of its containers, else what comes closest to that. */
export function finishedAt({ metadata, spec, status }: Pod): number {
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always')
  const isSidecar = (name: string) => sidecars.some(container => container.name === name)
  const statuses = [
    ...(status?.containerStatuses ?? []),
    ...(status?.initContainerStatuses ?? []).filter(({ name }) => isSidecar(name)),
  ]
  const times = statuses.map(({ state }) => Date.parse(state?.terminated?.finishedAt ?? ''))
  if (times.length > 0 && !times.some(Number.isNaN)) return Math.max(...times)
  const ready = conditionOf(status?.conditions, 'Ready')
  if (ready?.status === 'False' && ready.lastTransitionTime) return Date.parse(ready.lastTransitionTime)
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, creationTimestamp = '' } = metadata
  if (deletionTimestamp) return Date.parse(deletionTimestamp) - deletionGracePeriodSeconds * 1000
  return Date.parse(creationTimestamp)
}
