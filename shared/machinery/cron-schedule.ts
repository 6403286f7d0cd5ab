import { cronBounds, CronError, parseCronField } from './cron-fields.ts'
import { parseGoDuration } from './go-duration.ts'
import { isTimeZone, localClock, type LocalTime } from './time-zone.ts'

/** When a CronJob runs. */
export interface CronSchedule {
  /** The first time after an instant (ms); undefined if there is none within five years. */
  next(after: number): number | undefined
}

const minute = 60_000
/** The offsets of all zones are multiples of it, so every hour and day begins with one. */
const quarter = 15 * minute
const hour = 60 * minute
const day = 24 * hour
const horizon = 5 * 366 * day

/**
 * Reads a schedule as upstream does (github.com/robfig/cron/v3 ParseStandard): five fields, `@daily` and its like,
 * `@every 1h30m`. Clocks are those of `timeZone`, which `TZ=` before the fields overrides. What is in the hour that a
 * change to summer time leaves out is left out, what is in the hour that comes twice comes twice. Throws a CronError
 * with upstream's words.
 */
export function parseCron(text: string, timeZone = 'UTC'): CronSchedule {
  const { zone = timeZone, spec } = splitZone(text)
  if (spec === '') throw new CronError('empty spec string')
  if (spec.startsWith(everyPrefix)) return every(spec)
  if (spec.startsWith('@') && !(spec in descriptors)) throw new CronError(`unrecognized descriptor: ${spec}`)
  const fields = (descriptors[spec] ?? spec).split(/\s+/).filter(field => field !== '')
  if (fields.length !== 5) {
    throw new CronError(`expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`)
  }
  const [minutes = '', hours = '', daysOfMonth = '', months = '', daysOfWeek = ''] = fields
  return at(zone, {
    minute: parseCronField(minutes, cronBounds.minute),
    hour: parseCronField(hours, cronBounds.hour),
    dayOfMonth: parseCronField(daysOfMonth, cronBounds.dayOfMonth),
    month: parseCronField(months, cronBounds.month),
    dayOfWeek: parseCronField(daysOfWeek, cronBounds.dayOfWeek),
  })
}

const descriptors: Partial<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
}

function splitZone(text: string): { zone?: string; spec: string } {
  const prefix = /^(?:CRON_)?TZ=/.exec(text)?.[0]
  if (prefix === undefined) return { spec: text }
  const end = text.indexOf(' ')
  // Upstream reads on from here, fails and says so in this way.
  if (end < 0) throw new CronError('invalid schedule format: runtime error: slice bounds out of range [:-1]')
  const zone = text.slice(prefix.length, end)
  if (!isTimeZone(zone)) throw new CronError(`provided bad location ${zone}: unknown time zone ${zone}`)
  return { zone, spec: text.slice(end).trim() }
}

const everyPrefix = '@every '

function every(spec: string): CronSchedule {
  let period: number
  try {
    period = parseGoDuration(spec.slice(everyPrefix.length))
  } catch (error) {
    throw new CronError(`failed to parse duration ${spec}: ${error instanceof Error ? error.message : String(error)}`)
  }
  const whole = Math.max(1000, Math.trunc(period / 1000) * 1000)
  return { next: after => Math.floor(after / 1000) * 1000 + whole }
}

type Fields = Record<keyof typeof cronBounds, ReturnType<typeof parseCronField>>

function at(zone: string, fields: Fields): CronSchedule {
  const clock = localClock(zone)
  return {
    next(after) {
      let time = Math.floor(after / minute) * minute + minute
      while (time - after < horizon) {
        const step = wait(fields, clock(time))
        if (step === 0) return time
        const grain = Math.min(step, quarter)
        time = Math.floor(time / grain) * grain + step
      }
      return undefined
    },
  }
}

/** How far to go on from a time that does not match, at most to the next that may; 0 if it matches. */
function wait({ minute: minutes, hour: hours, month, ...days }: Fields, local: LocalTime): number {
  const isMonth = month.values.has(local.month)
  if (!isMonth && local.dayOfMonth < 27) return (27 - local.dayOfMonth) * day
  // Up to two hours before midnight, because some days are shorter.
  if (!isMonth || !isDay(days, local)) return local.hour < 21 ? (21 - local.hour) * hour : quarter
  if (!hours.values.has(local.hour)) return quarter
  return minutes.values.has(local.minute) ? 0 : minute
}

/** With both days given either will do. */
function isDay({ dayOfMonth, dayOfWeek }: Pick<Fields, 'dayOfMonth' | 'dayOfWeek'>, local: LocalTime): boolean {
  const first = dayOfMonth.values.has(local.dayOfMonth)
  const second = dayOfWeek.values.has(local.dayOfWeek)
  return dayOfMonth.any || dayOfWeek.any ? first && second : first || second
}
