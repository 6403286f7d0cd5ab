import { EvaluationError, itemsOf, typeName, type List, type Value } from '../value.ts'
import { formatDouble } from './double.ts'
import { formatDuration, formatInstant } from './time.ts'

const clause = /%(?:\.(\d+))?([^]?)/g

/**
 * `"%s of %d".format([...])`: `%s` for anything, `%d` for integers, `%f` and `%e` with a precision, `%b`, `%o`, `%x`, `%X`
 * (cel-go, ext/formatting.go).
 */
export function formatText(text: string, args: List): string {
  let next = 0
  return text.replace(clause, (_, precision: string | undefined, verb: string) => {
    if (verb === '%') return '%'
    if (next >= args.length) throw new EvaluationError(`index ${next} out of range`)
    const decimals = precision === undefined ? 6 : Number(precision)
    if (decimals > 100) throw new EvaluationError('precision is too large')
    return formatArgument(args.at(next++), verb, decimals)
  })
}

function formatArgument(value: Value, verb: string, decimals: number): string {
  switch (verb) {
    case 's':
      return textOf(value)
    case 'd':
      return typeof value === 'number' && !Number.isFinite(value) ? textOf(value) : String(integer(value, verb))
    case 'f':
    case 'e': {
      const number = typeof value === 'number' ? value : Number(integer(value, verb))
      if (!Number.isFinite(number)) return textOf(number)
      return verb === 'f' ? number.toFixed(decimals) : scientific(number, decimals)
    }
    case 'b':
      return typeof value === 'boolean' ? String(Number(value)) : integer(value, verb).toString(2)
    case 'o':
      return integer(value, verb).toString(8)
    case 'x':
      return hexadecimal(value)
    case 'X':
      return hexadecimal(value).toUpperCase()
    default:
      throw new EvaluationError(`could not parse formatting clause: unrecognized formatting clause "${verb}"`)
  }
}

function integer(value: Value, verb: string): bigint {
  if (typeof value === 'bigint') return value
  if (value !== null && typeof value === 'object' && value.kind === 'uint') return value.value
  throw new EvaluationError(`error during formatting: %${verb} can't be used for ${typeName(value)}`)
}

function scientific(value: number, decimals: number): string {
  return value.toExponential(decimals).replace(/e([-+])(\d)$/, 'e$10$2')
}

function hexadecimal(value: Value): string {
  if (typeof value === 'string') return Buffer.from(value).toString('hex')
  if (value !== null && typeof value === 'object' && value.kind === 'bytes')
    return Buffer.from(value.data).toString('hex')
  return integer(value, 'x').toString(16)
}

function textOf(value: Value): string {
  switch (typeof value) {
    case 'string':
      return value
    case 'number':
      if (Number.isNaN(value)) return 'NaN'
      return Number.isFinite(value) ? formatDouble(value) : value > 0 ? 'Infinity' : '-Infinity'
    case 'bigint':
    case 'boolean':
      return String(value)
    default:
      return value === null ? 'null' : objectText(value)
  }
}

function objectText(value: Exclude<Value, null | boolean | bigint | number | string>): string {
  switch (value.kind) {
    case 'uint':
      return String(value.value)
    case 'bytes':
      return Buffer.from(value.data).toString('utf8')
    case 'timestamp':
      return formatInstant(value)
    case 'duration':
      return formatDuration(value)
    case 'type':
      return value.name
    case 'list':
      return `[${[...itemsOf(value)].map(textOf).join(', ')}]`
    case 'map': {
      const entries = [...value.keys()].map(key => `${textOf(key)}: ${textOf(value.get(key) ?? null)}`)
      return `{${entries.sort().join(', ')}}`
    }
    default:
      throw new EvaluationError(
        `error during formatting: string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps, was given ${typeName(value)}`,
      )
  }
}
