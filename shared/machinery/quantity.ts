import { badRequest } from './status.ts'

type Format = 'DecimalSI' | 'BinarySI' | 'DecimalExponent'

/**
 * A Kubernetes Quantity (apimachinery/pkg/api/resource/quantity.go): a fixed-point number, exact to a billionth, which
 * remembers the family of its suffix.
 */
export interface Quantity {
  readonly nanos: bigint
  readonly format: Format
  /** How it was written, where upstream keeps that: `01` and `1.500` stay as they are. */
  readonly text?: string
}

/** Most functions take a quantity as JSON carries it, too. */
export type QuantityLike = Quantity | string | number

const nano = 1_000_000_000n
/** 2^63-1, the most a quantity with a binary suffix may be. */
const maximum = ((1n << 63n) - 1n) * nano

const decimalSuffixes = new Map([
  ['n', -9],
  ['u', -6],
  ['m', -3],
  ['', 0],
  ['k', 3],
  ['M', 6],
  ['G', 9],
  ['T', 12],
  ['P', 15],
  ['E', 18],
])
const binarySuffixes = new Map([
  ['Ki', 10n],
  ['Mi', 20n],
  ['Gi', 30n],
  ['Ti', 40n],
  ['Pi', 50n],
  ['Ei', 60n],
])

const formatWrong = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"

/**
 * Parses `250m`, `1.5Gi`, `2e3` and the like; what is finer than a billionth is rounded up. Throws a 400 in upstream's
 * words. Unlike upstream it refuses numbers of more than 1,000 digits, which only cost time.
 */
export function parseQuantity(given: string | number): Quantity {
  const text = String(given).trim()
  if (text === '0') return { nanos: 0n, format: 'DecimalSI', text }
  const parts = /^([+-]?)0*(\d*)(?:\.(\d*))?([eEinumkKMGTP]*[-+]?\d*)$/.exec(text)
  if (!parts || text === '') throw badRequest(formatWrong)
  const [, sign = '', whole = '', fraction = '', suffix = ''] = parts
  const scale = readSuffix(suffix)
  if (text.length + Math.abs(scale.decimal) > 1000) throw badRequest('unable to parse numeric part of quantity')

  const digits = (whole || '0') + fraction
  const magnitude = scaleUp(BigInt(digits) << scale.binary, scale.decimal - fraction.length + 9)
  const { format } = scale
  if (format === 'BinarySI') {
    const capped = magnitude > maximum ? maximum : magnitude
    // Upstream's fast path, which keeps the text, stops where an int64 might overflow.
    const short = digits.length + Math.floor((Number(scale.binary) * 3) / 10) < 15
    const canonical = fraction === '' && short && BigInt(digits) % 8n !== 0n
    return withSign(
      { nanos: capped, format: capped > 0n && capped < nano ? 'DecimalSI' : format },
      sign,
      canonical ? text : undefined,
    )
  }
  const places = scale.decimal - fraction.length
  const canonical =
    places >= -9 && places % 3 === 0 && digits.length <= 18 && !digits.endsWith('000') && !digits.startsWith('0')
  return withSign({ nanos: magnitude, format }, sign, canonical ? text : undefined)
}

function withSign(value: Quantity, sign: string, text: string | undefined): Quantity {
  return { ...value, nanos: sign === '-' ? -value.nanos : value.nanos, ...(text !== undefined && { text }) }
}

function readSuffix(suffix: string): { format: Format; decimal: number; binary: bigint } {
  const decimal = decimalSuffixes.get(suffix)
  if (decimal !== undefined) return { format: 'DecimalSI', decimal, binary: 0n }
  const binary = binarySuffixes.get(suffix)
  if (binary !== undefined) return { format: 'BinarySI', decimal: 0, binary }
  if (/^[eE][-+]?\d+$/.test(suffix)) return { format: 'DecimalExponent', decimal: Number(suffix.slice(1)), binary: 0n }
  throw badRequest("unable to parse quantity's suffix")
}

/** `value` x 10^exponent; a fraction is rounded up, so that a little of something never becomes nothing. */
function scaleUp(value: bigint, exponent: number): bigint {
  if (exponent >= 0) return value * 10n ** BigInt(exponent)
  return divideUp(value, 10n ** BigInt(-exponent))
}

/** Division rounding away from zero. */
function divideUp(value: bigint, by: bigint): bigint {
  const quotient = value / by
  if (value % by === 0n) return quotient
  return value < 0n ? quotient - 1n : quotient + 1n
}

const read = (value: QuantityLike) => (typeof value === 'object' ? value : parseQuantity(value))

/** Negative, zero or positive, as sort wants it. */
export function compareQuantities(a: QuantityLike, b: QuantityLike): number {
  const difference = read(a).nanos - read(b).nanos
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}

/** The sum in the format of `a`, or of `b` if `a` is zero. */
export function addQuantities(a: QuantityLike, b: QuantityLike): Quantity {
  const [x, y] = [read(a), read(b)]
  return { nanos: x.nanos + y.nanos, format: x.nanos === 0n ? y.format : x.format }
}

/** The difference in the format of `a`, or of `b` if `a` is zero. */
export function subtractQuantities(a: QuantityLike, b: QuantityLike): Quantity {
  const [x, y] = [read(a), read(b)]
  return { nanos: x.nanos - y.nanos, format: x.nanos === 0n ? y.format : x.format }
}

/** Whole units (bytes, CPUs, pods), rounded up. */
export function quantityValue(value: QuantityLike): number {
  return Number(divideUp(read(value).nanos, nano))
}

/** Thousandths (millicores), rounded up. */
export function quantityMilli(value: QuantityLike): number {
  return Number(divideUp(read(value).nanos, nano / 1000n))
}

/** A whole number of thousandths. */
export function milliQuantityOf(thousandths: number): Quantity {
  return { nanos: (BigInt(thousandths) * nano) / 1000n, format: 'DecimalSI' }
}

/** The canonical text: no fraction, the largest suffix that keeps the number whole (`1500m`, `1536Mi`, `2k`). */
export function formatQuantity(value: QuantityLike): string {
  const { nanos, format, text } = read(value)
  if (text !== undefined) return text
  if (nanos === 0n) return '0'
  const whole = nanos % nano === 0n
  const small = nanos > -1024n * nano && nanos < 1024n * nano
  if (format === 'BinarySI' && whole && !small) return formatBinary(nanos / nano)
  return formatDecimal(nanos, format)
}

function formatBinary(units: bigint): string {
  let amount = units
  let suffix = ''
  for (const name of binarySuffixes.keys()) {
    if (amount % 1024n !== 0n) break
    amount /= 1024n
    suffix = name
  }
  return `${amount}${suffix}`
}

function formatDecimal(nanos: bigint, format: Format): string {
  let amount = nanos
  let exponent = -9
  while (amount % 1000n === 0n && (exponent < 18 || format === 'DecimalExponent')) {
    amount /= 1000n
    exponent += 3
  }
  if (format === 'DecimalExponent') return exponent === 0 ? String(amount) : `${amount}e${exponent}`
  const suffix = [...decimalSuffixes].find(([, power]) => power === exponent)?.[0] ?? ''
  return `${amount}${suffix}`
}
