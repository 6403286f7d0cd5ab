import { quote } from './field-errors.ts'

/** A field of a schedule: the numbers it stands for, and whether it is `*` or `?`. */
export interface CronField {
  values: ReadonlySet<number>
  any: boolean
}

interface Bounds {
  min: number
  max: number
  names?: readonly string[]
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

/** The five fields in their order. */
export const cronBounds = {
  minute: { min: 0, max: 59 },
  hour: { min: 0, max: 23 },
  dayOfMonth: { min: 1, max: 31 },
  month: { min: 1, max: 12, names: months },
  dayOfWeek: { min: 0, max: 6, names: days },
} satisfies Record<string, Bounds>

/** A schedule that can't be read; the message is that of github.com/robfig/cron/v3, which upstream shows to users. */
export class CronError extends Error {
  override name = 'CronError'
}

/** Reads a list of ranges such as `1-5,10-50/10` or `mon-fri`. Throws a CronError. */
export function parseCronField(text: string, bounds: Bounds): CronField {
  const values = new Set<number>()
  let any = false
  for (const expression of text.split(',').filter(part => part !== '')) {
    const range = parseRange(expression, bounds)
    for (let value = range.start; value <= range.end; value += range.step) values.add(value)
    any ||= range.any
  }
  return { values, any }
}

function parseRange(expression: string, bounds: Bounds) {
  const [range = '', stepText, ...slashes] = expression.split('/')
  const [low = '', high, ...hyphens] = range.split('-')
  const isStar = low === '*' || low === '?'
  const start = isStar ? bounds.min : parseValue(low, bounds)
  if (!isStar && hyphens.length > 0) throw new CronError(`too many hyphens: ${expression}`)
  let end = isStar ? bounds.max : high === undefined ? start : parseValue(high, bounds)
  if (slashes.length > 0) throw new CronError(`too many slashes: ${expression}`)
  const step = stepText === undefined ? 1 : parseNumber(stepText)
  // `5/15` means from 5 to the end.
  if (stepText !== undefined && high === undefined) end = bounds.max
  const problem =
    start < bounds.min
      ? `beginning of range (${start}) below minimum (${bounds.min})`
      : end > bounds.max
        ? `end of range (${end}) above maximum (${bounds.max})`
        : start > end
          ? `beginning of range (${start}) beyond end of range (${end})`
          : step === 0
            ? 'step of range should be a positive number'
            : undefined
  if (problem !== undefined) throw new CronError(`${problem}: ${expression}`)
  return { start, end, step, any: isStar && step === 1 }
}

function parseValue(text: string, { names }: Bounds): number {
  const index = names?.indexOf(text.toLowerCase()) ?? -1
  return index < 0 ? parseNumber(text) : index + (names === months ? 1 : 0)
}

/** As Go's strconv.Atoi reads it. */
function parseNumber(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) {
    throw new CronError(`failed to parse int from ${text}: strconv.Atoi: parsing ${quote(text)}: invalid syntax`)
  }
  const value = Number(text)
  if (!Number.isSafeInteger(value)) {
    throw new CronError(`failed to parse int from ${text}: strconv.Atoi: parsing ${quote(text)}: value out of range`)
  }
  if (value < 0) throw new CronError(`negative number (${value}) not allowed: ${text}`)
  return value
}
