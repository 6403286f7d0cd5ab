/** What a clock on the wall shows. */
export interface LocalTime {
  month: number
  dayOfMonth: number
  /** 0 is Sunday. */
  dayOfWeek: number
  hour: number
  minute: number
}

/** Whether there is a zone of this name in the IANA database; case counts, as it does for files. */
export function isTimeZone(name: string): boolean {
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions()
    // An alias is resolved to another name: then its case can't be told.
    return timeZone.toLowerCase() !== name.toLowerCase() || timeZone === name
  } catch {
    return false
  }
}

/** Tells what clocks of a zone show at an instant (ms). The name must be that of a zone. */
export function localClock(timeZone: string): (at: number) => LocalTime {
  if (timeZone === 'UTC') return at => fieldsOf(new Date(at))
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  })
  return at => {
    const [month = 0, day = 0, year = 0, hour = 0, minute = 0] = (format.format(at).match(/\d+/g) ?? []).map(Number)
    return fieldsOf(new Date(Date.UTC(year, month - 1, day, hour, minute)))
  }
}

const fieldsOf = (date: Date): LocalTime => ({
  month: date.getUTCMonth() + 1,
  dayOfMonth: date.getUTCDate(),
  dayOfWeek: date.getUTCDay(),
  hour: date.getUTCHours(),
  minute: date.getUTCMinutes(),
})

/** An instant (ms) as RFC 3339 with the offset of a zone: `2026-01-01T01:00:00+01:00`. */
export function zonedTime(at: number, timeZone: string): string {
  const date = { year: 'numeric', month: '2-digit', day: '2-digit' } as const
  const time = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' } as const
  const format = new Intl.DateTimeFormat('en', { timeZone, ...date, ...time, timeZoneName: 'longOffset' })
  const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]))
  const { year = '', month = '', day = '', hour = '', minute = '', second = '', timeZoneName = '' } = parts
  const offset = timeZoneName.replace('GMT', '').replace(/^[+-]00:00$/, '')
  return `${year}-${month}-${day}T${hour}:${minute}:${second}${offset || 'Z'}`
}
