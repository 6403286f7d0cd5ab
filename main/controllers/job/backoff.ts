import type { Job } from '../../../shared/api/batch.ts'
import type { Pod } from '../../../shared/api/core.ts'
import type { ObjectKey } from '../../../shared/api/object.ts'
import { keyOf, keyText } from '../../../shared/client/key.ts'
import { conditionOf } from '../pod-state.ts'

const first = 10_000
const most = 600_000
/** So many failures wait the longest: more need not be known. */
const enough = 7

/** What has ended since a Job's last success, pods that are gone included. A restart knows those that are there. */
export interface Backoffs {
  /**
   * Milliseconds until failed pods may be replaced: 10 s after the first failure since the last success, twice as long
   * after each further one, at most 10 min (pkg/controller/job/backoff_utils.go).
   */
  after(job: Job, ended: { succeeded: readonly Pod[]; failed: readonly Pod[] }, now: number): number
  forget(job: ObjectKey): void
}

/** Nothing is known yet. */
export function createBackoffs(): Backoffs {
  const known = new Map<string, { uid: string; lastSuccess: number; failures: Map<string, number> }>()
  return {
    after(job, { succeeded, failed }, now) {
      const key = keyText(keyOf(job))
      const { uid } = job.metadata
      const before = known.get(key)
      const record = before?.uid === uid ? before : { uid, lastSuccess: -Infinity, failures: new Map<string, number>() }
      record.lastSuccess = Math.max(record.lastSuccess, ...succeeded.map(finishedAt))
      for (const pod of failed) record.failures.set(pod.metadata.uid, finishedAt(pod))
      const since = [...record.failures].filter(([, time]) => time > record.lastSuccess).sort(([, a], [, b]) => a - b)
      record.failures = new Map(since.slice(-enough))
      known.set(key, record)
      return backoffAfter({ failures: record.failures.size, last: since.at(-1)?.[1] ?? 0, now })
    },
    forget: job => void known.delete(keyText(job)),
  }
}

/** How long (ms) a number of failures holds back the next try, if the last was at `last` (ms). */
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
