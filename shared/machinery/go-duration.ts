import { quote } from './field-errors.ts'

const units: Partial<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
}

/** Milliseconds of a Go duration such as `1h30m` or `1.5s` (time.ParseDuration). The error has Go's words. */
export function parseGoDuration(text: string): number {
  const invalid = () => new Error(`time: invalid duration ${quote(text)}`)
  const sign = text.startsWith('-') ? -1 : 1
  let rest = text.replace(/^[+-]/, '')
  if (rest === '0') return 0
  if (rest === '') throw invalid()
  let total = 0
  while (rest !== '') {
    const [whole = '', number = ''] = /^(\d+\.?\d*|\.\d+)/.exec(rest) ?? []
    if (whole === '') throw invalid()
    rest = rest.slice(whole.length)
    const [unit = ''] = /^[^.\d]+/.exec(rest) ?? []
    if (unit === '') throw new Error(`time: missing unit in duration ${quote(text)}`)
    const size = units[unit]
    if (size === undefined) throw new Error(`time: unknown unit ${quote(unit)} in duration ${quote(text)}`)
    total += Number(number) * size
    rest = rest.slice(unit.length)
  }
  return sign * total
}
