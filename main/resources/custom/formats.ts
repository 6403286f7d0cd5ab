import { parseCidr, parseIp } from '../../../shared/machinery/ip.ts'
import type { Schema } from '../../../shared/machinery/schema.ts'

type Check = (text: string) => boolean

const pattern =
  (expression: RegExp): Check =>
  text =>
    expression.test(text)
const hex = (digits: number) => `[0-9a-f]{${digits}}`
const uuid = (third: string, fourth: string) =>
  pattern(new RegExp(`^${hex(8)}-?${hex(4)}-?${third}-?${fourth}-?${hex(12)}$`, 'i'))
const family = (wanted: 4 | 6) => (text: string) => parseIp(text)?.family === wanted
const shortName = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'

/**
 * The formats of strings that are checked, without their dashes (apiextensions-apiserver/pkg/apiserver/validation/formats.go,
 * kube-openapi/pkg/validation/strfmt). Others say nothing.
 */
const checks: Readonly<Record<string, Check>> = {
  bsonobjectid: pattern(/^[0-9a-f]{24}$/i),
  uri: text => /^([a-z][-+.a-z0-9]*:|\/)/i.test(text) && URL.canParse(text, 'http://host') && !text.includes(' '),
  email: text => /^(?:[^<>@]*<[^\s<>@]+@[^\s<>@]+>|[^\s<>@]+@[^\s<>@]+)$/u.test(text),
  hostname: isHostname,
  ipv4: family(4),
  ipv6: family(6),
  cidr: text => parseCidr(text) !== undefined,
  mac: pattern(
    /^(?:[0-9a-f]{2}([:-])(?:[0-9a-f]{2}\1){4}(?:(?:[0-9a-f]{2}\1){2})?[0-9a-f]{2}|(?:[0-9a-f]{4}\.){2}(?:[0-9a-f]{4}\.)?[0-9a-f]{4})$/i,
  ),
  uuid: uuid(hex(4), hex(4)),
  uuid3: uuid(`3${hex(3)}`, hex(4)),
  uuid4: uuid(`4${hex(3)}`, `[89ab]${hex(3)}`),
  uuid5: uuid(`5${hex(3)}`, `[89ab]${hex(3)}`),
  isbn: text => isIsbn10(text) || isIsbn13(text),
  isbn10: isIsbn10,
  isbn13: isIsbn13,
  creditcard: isCreditCard,
  ssn: pattern(/^\d{3}[- ]?\d{2}[- ]?\d{4}$/),
  hexcolor: pattern(/^#?(?:[0-9a-f]{3}|[0-9a-f]{6})$/i),
  rgbcolor: pattern(
    /^rgb\(\s*(?:0|[1-9]\d?|1\d\d?|2[0-4]\d|25[0-5])\s*(?:,\s*(?:0|[1-9]\d?|1\d\d?|2[0-4]\d|25[0-5])\s*){2}\)$/,
  ),
  byte: pattern(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$/),
  password: () => true,
  date: isDate,
  datetime: isDateTime,
  duration: isDuration,
  k8sshortname: text => text.length <= 63 && new RegExp(`^${shortName}$`).test(text),
  k8slongname: text => text.length <= 253 && new RegExp(`^${shortName}(\\.${shortName})*$`).test(text),
}

const numeric: Readonly<Record<string, readonly string[]>> = {
  integer: ['int32', 'int64'],
  number: ['float', 'double'],
}

/** Whether a schema's format is one that is checked for its type. */
export function isKnownFormat({ format = '', type = '' }: { format?: string; type?: string }): boolean {
  if (type === '' || type === 'string') return Object.hasOwn(checks, format.replaceAll('-', ''))
  return numeric[type]?.includes(format) ?? false
}

/** The format of a schema; '' for one that says nothing. */
export function formatOf(schema: Schema): string {
  const { format = '' } = schema
  if (format === '') return ''
  // Either type will do for int-or-string, and so neither's formats are checked.
  if (schema['x-kubernetes-int-or-string']) return isKnownFormat({ format }) ? format : ''
  return isKnownFormat(schema) ? format : ''
}

/** Whether a text has a known format of strings. */
export function hasFormat(format: string, text: string): boolean {
  const name = format.replaceAll('-', '')
  return !Object.hasOwn(checks, name) || (checks[name]?.(text) ?? true)
}

function isHostname(text: string): boolean {
  const symbol = String.raw`a-zA-Z0-9\p{S}\p{L}`
  const single = `[${symbol}](?:-?[${symbol}]{0,62})?`
  const label = `[${symbol}](?:[-${symbol}]{0,61}[${symbol}])?`
  const expression = new RegExp(String.raw`^(?:${single}|(?:${label}\.)+[a-zA-Z\p{L}]{2,63})$`, 'u')
  return text.length <= 255 && expression.test(text) && text.split('.').every(part => part.length <= 63)
}

function isDate(text: string): boolean {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : NaN
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text)
}

function isDateTime(text: string): boolean {
  const [date = '', time = ''] = text.toLowerCase().split('t')
  const parts = /^(\d{2}):(\d{2}):(\d{2})(?:.\d+)?(?:z|[-+]\d{2}:\d{2})$/.exec(time)
  if (!parts || !isDate(date)) return false
  const [, hour = '', minute = '', second = ''] = parts
  return hour <= '23' && minute <= '59' && second <= '59'
}

/** Go's form or words: "22 ns", "3 weeks". */
function isDuration(text: string): boolean {
  if (/^[-+]?(?:0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/u.test(text)) return true
  const units = /^(?:ns|us|µs|ms|s|m|h|hr|d|w|wk|nano.*|micro.*|milli.*|sec.*|min.*|hour.*|day.*|week.*)$/iu
  return [...text.matchAll(/\d+\s*([A-Za-zµ]+)/gu)].some(([, unit = '']) => units.test(unit))
}

const digitsOf = (text: string) => text.replace(/[\s-]/g, '')

function isIsbn10(text: string): boolean {
  const digits = digitsOf(text)
  if (!/^\d{9}[\dX]$/.test(digits)) return false
  const sum = Array.from(digits).reduce((total, digit, i) => total + (10 - i) * (digit === 'X' ? 10 : Number(digit)), 0)
  return sum % 11 === 0
}

function isIsbn13(text: string): boolean {
  const digits = digitsOf(text)
  if (!/^\d{13}$/.test(digits)) return false
  return Array.from(digits).reduce((sum, digit, i) => sum + Number(digit) * (i % 2 === 0 ? 1 : 3), 0) % 10 === 0
}

const cards =
  /^(?:4\d{12}(?:\d{3})?|5[1-5]\d{14}|(?:222[1-9]|22[3-9]\d|2[3-6]\d{2}|27[01]\d|2720)\d{12}|6(?:011|5\d\d)\d{12}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|(?:2131|1800|35\d{3})\d{11}|6[27]\d{14})$/

function isCreditCard(text: string): boolean {
  const digits = text.replace(/\D/g, '')
  if (!cards.test(digits)) return false
  const sum = Array.from(digits)
    .reverse()
    .reduce((total, digit, i) => {
      const double = Number(digit) * 2
      return total + (i % 2 === 0 ? Number(digit) : double > 9 ? double - 9 : double)
    }, 0)
  return sum % 10 === 0
}
