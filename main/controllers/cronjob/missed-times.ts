import type { CronJob } from '../../../shared/api/batch.ts'
import type { CronSchedule } from '../../../shared/machinery/cron-schedule.ts'

interface Missed {
  /** From when on times are looked for: the last start, or the creation. */
  earliest: number
  /** The last time that has come; older ones are not made up for. */
  recent?: number
  count: number
}

interface Window {
  now: number
  /** What came before is too late. */
  after: number
}

/** Upstream tells of more than these (the 100-missed rule). */
const many = 100

/**
 * The times that have come since the last start (pkg/controller/cronjob mostRecentScheduleTime). They are not counted
 * one by one: after years of them that would take too long. Undefined if the schedule has no times, as on a 31st of
 * February.
 */
function missedTimes(cronJob: CronJob, schedule: CronSchedule, { now, after }: Window): Missed | undefined {
  const last = Date.parse(cronJob.status?.lastScheduleTime ?? cronJob.metadata.creationTimestamp ?? '')
  const earliest = Math.max(last, after)
  const first = schedule.next(earliest)
  const second = first === undefined ? undefined : schedule.next(first)
  if (first === undefined || second === undefined) return undefined
  if (now < first) return { earliest, count: 0 }
  if (now < second) return { earliest, recent: first, count: 1 }
  const period = Math.round((second - first) / 1000) * 1000
  if (period < 1000) return undefined
  const count = Math.floor((now - first) / period) + 1
  let recent: number | undefined
  // One period back, because not all periods are the same.
  for (let time = schedule.next(first + (count - 2) * period); time !== undefined && time <= now;) {
    recent = time
    time = schedule.next(time)
  }
  return { earliest, count, ...(recent !== undefined && { recent }) }
}

/** The time for which a Job is due now, if there is one, and whether very many were missed; undefined if there are no times at all. */
export function dueTime(
  cronJob: CronJob,
  schedule: CronSchedule,
  now: number,
): { time: number | undefined; missedMany: boolean } | undefined {
  const deadline = cronJob.spec.startingDeadlineSeconds
  const after = deadline === undefined ? -Infinity : now - deadline * 1000
  const missed = missedTimes(cronJob, schedule, { now, after })
  return missed && { time: missed.recent, missedMany: missed.recent !== undefined && missed.count > many }
}

/** Clocks may differ a little. */
const padding = 100

/** Milliseconds until the next time after those that have come (nextScheduleTimeDuration). */
export function untilNext(cronJob: CronJob, schedule: CronSchedule, now: number): number | undefined {
  const missed = missedTimes(cronJob, schedule, { now, after: -Infinity })
  const from = missed?.recent ?? (missed?.count === 0 ? missed.earliest : now)
  const next = schedule.next(from)
  return next === undefined ? undefined : next + padding - now
}
