import type { Library } from '../functions.ts'
import { EvaluationError, type Duration, type Instant } from '../value.ts'

const second = 1_000_000_000n
/** The years 1 to 9999. */
const earliest = -62_135_596_800n * second
const latest = 253_402_300_800n * second

export function instantOf(nanos: bigint): Instant {
  if (nanos < earliest || nanos >= latest) throw new EvaluationError('timestamp overflow')
  return { kind: 'timestamp', nanos }
}

/** About 292 years, as Go has them. */
export function durationOf(nanos: bigint): Duration {
  if (nanos !== BigInt.asIntN(64, nanos)) throw new EvaluationError('duration overflow')
  return { kind: 'duration', nanos }
}

const rfc3339 = /^(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:[.,](\d{1,9})\d*)?([Zz]|[-+]\d\d:\d\d)$/

/** An instant as RFC 3339 writes it, or undefined. */
export function parseInstant(text: string): Instant | undefined {
  const [, date = '', time = '', fraction = '', zone = ''] = rfc3339.exec(text) ?? []
  const millis = Date.parse(`${date}T${time}${zone.toUpperCase()}`)
  if (Number.isNaN(millis)) return undefined
  // Date takes 30 February for 1 March.
  if (new Date(`${date}T00:00:00Z`).toISOString().slice(0, 10) !== date) return undefined
  return instantOf(BigInt(millis) * 1_000_000n + BigInt(fraction.padEnd(9, '0') || '0'))
}

/** RFC 3339 with as many decimals as are needed. */
export function formatInstant({ nanos }: Instant): string {
  const seconds = floorDivide(nanos, second)
  const fraction = nanos - seconds * second
  const text = new Date(Number(seconds) * 1000).toISOString().slice(0, 19)
  const decimals = fraction === 0n ? '' : `.${fraction.toString().padStart(9, '0').replace(/0+$/, '')}`
  return `${text}${decimals}Z`
}

const floorDivide = (a: bigint, b: bigint) => (a < 0n && a % b !== 0n ? a / b - 1n : a / b)

const units: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1000n,
  µs: 1000n,
  μs: 1000n,
  ms: 1_000_000n,
  s: second,
  m: 60n * second,
  h: 3600n * second,
}

/** A duration as Go writes it (`1h30m`, `1.5s`, `-2ms`), or undefined. */
export function parseDuration(text: string): Duration | undefined {
  const [, sign = '', rest = ''] = /^([-+]?)(.+)$/.exec(text) ?? []
  if (rest === '0') return durationOf(0n)
  if (!/^(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.test(rest)) return undefined
  let nanos = 0n
  for (const [, whole = '', fraction = '', unit = ''] of rest.matchAll(/(\d*)\.?(\d*)([a-zµμ]+)/g)) {
    const size = units[unit] ?? 0n
    nanos += BigInt(whole || '0') * size + (BigInt(fraction || '0') * size) / 10n ** BigInt(fraction.length)
  }
  return durationOf(sign === '-' ? -nanos : nanos)
}

/** Seconds with as many decimals as are needed: `90s`, `0.5s`. */
export function formatDuration({ nanos }: Duration): string {
  const size = nanos < 0n ? -nanos : nanos
  const decimals = (size % second).toString().padStart(9, '0').replace(/0+$/, '')
  return `${nanos < 0n ? '-' : ''}${size / second}${decimals === '' ? '' : `.${decimals}`}s`
}

/** The parts of an instant on the clocks of a zone: a name of the time zone database, or an offset such as `-08:00`. */
function partsAt({ nanos }: Instant, zone: string): Date {
  const millis = Number(floorDivide(nanos, 1_000_000n))
  const [, sign, hours, minutes] = /^([-+]?)(\d\d):(\d\d)$/.exec(zone) ?? []
  if (hours !== undefined) {
    const offset = (Number(hours) * 60 + Number(minutes)) * 60_000
    return new Date(millis + (sign === '-' ? -offset : offset))
  }
  return zone === 'UTC' || zone === '' ? new Date(millis) : new Date(millis + offsetOf(millis, zone))
}

function offsetOf(millis: number, timeZone: string): number {
  try {
    const format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset', year: 'numeric' })
    const name = format.formatToParts(millis).find(part => part.type === 'timeZoneName')?.value ?? ''
    const [, sign, hours = '0', minutes = '0', seconds = '0'] = /GMT([-+])(\d\d):(\d\d)(?::(\d\d))?/.exec(name) ?? []
    const offset = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000
    return sign === '-' ? -offset : offset
  } catch (error) {
    if (error instanceof RangeError) throw new EvaluationError(`unknown time zone ${timeZone}`)
    throw error
  }
}

const dayOfYear = (at: Date) => Math.floor((at.getTime() - Date.UTC(at.getUTCFullYear(), 0)) / 86_400_000)

const getters: Readonly<Record<string, (at: Date) => number>> = {
  getFullYear: at => at.getUTCFullYear(),
  getMonth: at => at.getUTCMonth(),
  getDate: at => at.getUTCDate(),
  getDayOfMonth: at => at.getUTCDate() - 1,
  getDayOfWeek: at => at.getUTCDay(),
  getDayOfYear: dayOfYear,
  getHours: at => at.getUTCHours(),
  getMinutes: at => at.getUTCMinutes(),
  getSeconds: at => at.getUTCSeconds(),
  getMilliseconds: at => at.getUTCMilliseconds(),
}

/** What instants and durations tell of themselves; UTC if no zone is asked for. */
export const time: Library = {
  ...Object.fromEntries(
    Object.entries(getters).flatMap(([name, get]) => [
      [`timestamp.${name}() -> int`, (at: Instant) => BigInt(get(partsAt(at, 'UTC')))],
      [`timestamp.${name}(string) -> int`, (at: Instant, zone: string) => BigInt(get(partsAt(at, zone)))],
    ]),
  ),
  'duration.getHours() -> int': ({ nanos }: Duration) => nanos / (3600n * second),
  'duration.getMinutes() -> int': ({ nanos }: Duration) => nanos / (60n * second),
  'duration.getSeconds() -> int': ({ nanos }: Duration) => nanos / second,
  'duration.getMilliseconds() -> int': ({ nanos }: Duration) => (nanos / 1_000_000n) % 1000n,
}
