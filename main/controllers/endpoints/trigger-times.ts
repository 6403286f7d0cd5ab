import type { Pod, Service } from '../../../shared/api/core.ts'
import type { ObjectKey } from '../../../shared/api/object.ts'
import { keyOf, keyText } from '../../../shared/client/key.ts'
import { toTime } from '../../../shared/machinery/clock.ts'
import { conditionOf } from '../pod-state.ts'

/** By it, clients of endpoints measure how long a change took to reach them. */
export const lastChange = 'endpoints.kubernetes.io/last-change-trigger-time'

/** The annotation for a change of this time; none if nothing is known of it. */
export const lastChanged = (time: string | undefined): Record<string, string> => (time ? { [lastChange]: time } : {})

/**
 * When what made a Service's endpoints change came about: readiness of a pod or the Service itself
 * (endpointslice/util/trigger_time_tracker.go). After a restart the Service's creation counts, as the first time.
 */
export interface TriggerTimes {
  /** The earliest change since the last call for this Service, RFC 3339; undefined if there was none. */
  next(service: Service, pods: readonly Pod[]): string | undefined
  forget(service: ObjectKey): void
}

/** Nothing is known yet. */
export function createTriggerTimes(): TriggerTimes {
  const known = new Map<string, Map<string, number>>()
  return {
    next(service, pods) {
      const key = keyText(keyOf(service))
      const before = known.get(key)
      const created = Date.parse(service.metadata.creationTimestamp ?? '') || 0
      const times = new Map([[service.metadata.uid, created]])
      for (const pod of pods) times.set(pod.metadata.uid, readinessChanged(pod))
      known.set(key, times)
      if (!before) return timeOf([created])
      return timeOf([...times].flatMap(([uid, time]) => (time > (before.get(uid) ?? 0) ? [time] : [])))
    },
    forget: key => known.delete(keyText(key)),
  }
}

/** Milliseconds since the epoch; 0 before the first time. */
const readinessChanged = (pod: Pod) =>
  Date.parse(conditionOf(pod.status?.conditions, 'Ready')?.lastTransitionTime ?? '') || 0

function timeOf(times: readonly number[]): string | undefined {
  const first = Math.min(...times)
  return Number.isFinite(first) ? toTime(first) : undefined
}
