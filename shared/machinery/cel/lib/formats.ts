import { isDns1035Label, isDns1123Label, isDns1123Subdomain, isLabelValue, isQualifiedName } from '../../names.ts'
import type { Library } from '../functions.ts'
import { listOf, none, optionalOf, type Opaque, type OpaqueType, type Optional } from '../value.ts'
import { parseInstant } from './time.ts'
import { uriFault } from './urls.ts'

interface Format {
  readonly name: string
  /** How long the pattern is that costs are counted by. */
  readonly length: number
  check(text: string): string[]
}

const type: OpaqueType<Format> = {
  name: 'kubernetes.NamedFormat',
  equals: (a, b) => a.name === b.name,
  size: ({ length }) => length,
}

type Check = Format['check']

/** A name that ends in a dash is one that something comes after. */
const prefix =
  (check: Check): Check =>
  text =>
    check(text.length > 1 && text.endsWith('-') ? `${text.slice(0, -2)}a` : text)
const matching =
  (pattern: RegExp, fault: string): Check =>
  text =>
    pattern.test(text) ? [] : [fault]
const isDate = (text: string) => /^\d{4}-\d\d-\d\d$/.test(text) && parseInstant(`${text}T00:00:00Z`) !== undefined
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
const uuid = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i

const checks: Readonly<Record<string, Check>> = {
  dns1123Label: isDns1123Label,
  dns1123Subdomain: isDns1123Subdomain,
  dns1035Label: isDns1035Label,
  qualifiedName: isQualifiedName,
  dns1123LabelPrefix: prefix(isDns1123Label),
  dns1123SubdomainPrefix: prefix(isDns1123Subdomain),
  dns1035LabelPrefix: prefix(isDns1035Label),
  labelValue: isLabelValue,
  uri: text => {
    const fault = uriFault(text)
    return fault === undefined ? [] : [fault]
  },
  uuid: matching(uuid, 'does not match the UUID format'),
  byte: matching(base64, 'invalid base64'),
  date: text => (isDate(text) ? [] : ['invalid date']),
  datetime: text => (parseInstant(text) ? [] : ['invalid datetime']),
}

const lengths: Readonly<Record<string, number>> = {
  dns1123Label: 30,
  dns1123Subdomain: 60,
  dns1035Label: 30,
  qualifiedName: 60,
  dns1123LabelPrefix: 30,
  dns1123SubdomainPrefix: 60,
  dns1035LabelPrefix: 30,
  labelValue: 40,
}

const formats = new Map(
  Object.entries(checks).map(([name, check]) => {
    const value: Format = { name, check, length: lengths[name] ?? 100 }
    return [name, { kind: 'opaque', type, value } as const]
  }),
)

/** What is wrong, or nothing at all. */
function validate({ value }: Opaque<Format>, text: string): Optional {
  const faults = value.check(text)
  return faults.length === 0 ? none : optionalOf(listOf(faults))
}

/** Kubernetes' formats of names and texts (apiserver/pkg/cel/library/format.go). */
export const formatLibrary: Library = {
  ...Object.fromEntries(
    [...formats].map(([name, format]) => [`format:${name}() -> kubernetes.NamedFormat`, () => format]),
  ),
  'format:named(string) -> optional_type(kubernetes.NamedFormat)': (name: string) => {
    const format = formats.get(name)
    return format ? optionalOf(format) : none
  },
  'kubernetes.NamedFormat.validate(string) -> optional_type(list(string))': validate,
}
