/**
 * Upstream's checks of names and values (apimachinery/pkg/util/validation and pkg/api/validate/content). Each returns
 * what is wrong with the value in upstream's words; nothing wrong is an empty list.
 */
type Check = (value: string) => string[]

const label1123 = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const subdomain1123 = `${label1123}(\\.${label1123})*`
const label1035 = '[a-z]([-a-z0-9]*[a-z0-9])?'
const labelKey = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'
const labelValue = `(${labelKey})?`
const configKey = '[-._a-zA-Z0-9]+'

const labelText =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character"
const subdomainText =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character"
const label1035Text =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character"
const labelKeyText =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"
const labelValueText =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"

/** A DNS-1123 label: namespaces, containers, volumes. */
export const isDns1123Label: Check = value => {
  const faults = atMost(value, 63)
  if (matches(label1123, value)) return faults
  if (matches(subdomain1123, value)) return [...faults, 'must not contain dots']
  return [...faults, regexError(labelText, label1123, ['my-name', '123-abc'])]
}

/** A DNS-1123 subdomain: the names of most kinds. */
export const isDns1123Subdomain: Check = value => [
  ...atMost(value, 253),
  ...conforming(value, subdomainText, subdomain1123, ['example.com']),
]

/** A search domain of a pod's resolver: a subdomain that may have underscores (KEP-4427). */
export const isDns1123SubdomainWithUnderscore: Check = value => {
  const label = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?'
  const format = `${label}(\\.${label})*`
  const text =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character"
  return [...atMost(value, 253), ...conforming(value, text, format, ['example.com'])]
}

/** A DNS-1035 label: Services before 1.34's relaxation, and port-like names. */
export const isDns1035Label: Check = value => [
  ...atMost(value, 63),
  ...conforming(value, label1035Text, label1035, ['my-name', 'abc-123']),
]

/** `*.` and a subdomain. */
export const isWildcardDns1123Subdomain: Check = value => {
  const text =
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character"
  const format = `\\*\\.${subdomain1123}`
  return [...atMost(value, 253), ...conforming(value, text, format, ['*.example.com'])]
}

/** A name of a port as IANA assigns them: at most 15 characters, a letter among them. */
export const isPortName: Check = value => [
  ...atMost(value, 15),
  ...unless(/^[-a-z0-9]+$/.test(value), 'must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)'),
  ...unless(/[a-z]/.test(value), 'must contain at least one letter (a-z)'),
  ...unless(!value.includes('--'), 'must not contain consecutive hyphens'),
  ...unless(!value.startsWith('-') && !value.endsWith('-'), 'must not begin or end with a hyphen'),
]

/** The key of a label, annotation, taint or resource: an optional DNS prefix and a name of at most 63 bytes. */
export const isQualifiedName: Check = value => {
  const nameError = () => regexError(labelKeyText, labelKey, ['MyName', 'my.name', '123-abc'])
  const parts = value.split('/')
  if (parts.length > 2) {
    return [
      `a valid label key ${nameError()} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ]
  }
  const name = parts.at(-1) ?? ''
  const prefix = parts.length === 2 ? (parts[0] ?? '') : undefined
  const faults: string[] = []
  if (prefix === '') faults.push('prefix part must be non-empty')
  else if (prefix !== undefined) {
    // This check counts bytes where the one for names of objects says characters.
    faults.push(...isDns1123Subdomain(prefix).map(text => `prefix part ${text.replace(/characters$/, 'bytes')}`))
  }
  if (name === '') faults.push('name part must be non-empty')
  else if (byteLength(name) > 63) faults.push('name part must be no more than 63 bytes')
  if (!matches(labelKey, name)) faults.push(`name part ${nameError()}`)
  return faults
}

export const isLabelValue: Check = value => [
  ...unless(byteLength(value) <= 63, 'must be no more than 63 bytes'),
  ...conforming(value, labelValueText, labelValue, ['MyValue', 'my_value', '12345']),
]

/** The name of an environment variable: printable ASCII but '=' (RelaxedEnvironmentVariableValidation, on since 1.32). */
export const isRelaxedEnvVarName: Check = value => [
  ...unless(value !== '', 'environment variable name must be non-empty'),
  ...unless(
    /^[\x20-\x3c\x3e-\x7e]*$/.test(value),
    "a valid environment variable name must consist only of printable ASCII characters other than '='",
  ),
]

/** A key of a ConfigMap or Secret: it becomes a file name. */
export const isConfigMapKey: Check = value => {
  const text = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'"
  const faults = conforming(value, text, configKey, ['key.name', 'KEY_NAME', 'key-name'])
  return [...atMost(value, 253), ...faults, ...dotsPrefix(value)]
}

/** Something that can stand between two slashes of a URL: the least a name must be. */
export const isPathSegmentName: Check = value =>
  value === '.' || value === '..'
    ? [`may not be '${value}'`]
    : ['/', '%'].filter(char => value.includes(char)).map(char => `may not contain '${char}'`)

/** A name as programs have them: attributes of devices. */
export const isCIdentifier: Check = value => {
  const text =
    "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_'"
  const format = '[A-Za-z_][A-Za-z0-9_]*'
  return conforming(value, text, format, ['my_name', 'MY_NAME', 'MyName'])
}

export const isHttpHeaderName: Check = value => {
  const text = "a valid HTTP header must consist of alphanumeric characters or '-'"
  return conforming(value, text, '[-A-Za-z0-9]+', ['X-Header-Name'])
}

export const isPercent: Check = value => {
  const text = "a valid percent string must be a numeric string followed by an ending '%'"
  return conforming(value, text, '[0-9]+%', ['1%', '93%'])
}

export const isPortNumber = (port: number): string[] => inRange({ value: port, min: 1, max: 65535 })
/** User and group ids. */
export const isUnixId = (id: number): string[] => inRange({ value: id, min: 0, max: 2147483647 })

/** Faults of a number that is to be within bounds. */
export function inRange({ value, min, max }: { value: number; min: number; max: number }): string[] {
  return value >= min && value <= max ? [] : [`must be between ${min} and ${max}, inclusive`]
}

const plainAscii = /^[ -~]*$/

/** Length as Go counts it: UTF-8 bytes. */
export function byteLength(text: string): number {
  return plainAscii.test(text) ? text.length : new TextEncoder().encode(text).length
}

const compiled = new Map<string, RegExp>()

function matches(format: string, value: string): boolean {
  let expression = compiled.get(format)
  if (!expression) compiled.set(format, (expression = new RegExp(`^(?:${format})$`)))
  return expression.test(value)
}

const unless = (fine: boolean, fault: string): string[] => (fine ? [] : [fault])
/** `regexError` of a value that does not match. Most values do, and the text is long. */
function conforming(value: string, text: string, format: string, examples: string[]): string[] {
  return matches(format, value) ? [] : [regexError(text, format, examples)]
}
const atMost = (value: string, limit: number) =>
  byteLength(value) <= limit ? [] : [`must be no more than ${limit} characters`]

function dotsPrefix(value: string): string[] {
  if (value === '.' || value === '..') return [`must not be '${value}'`]
  return unless(!value.startsWith('..'), "must not start with '..'")
}

// Each example is followed by a comma and a space, upstream's joining " or " notwithstanding.
function regexError(text: string, format: string, examples: string[]): string {
  const list = examples.map(example => `'${example}', `).join(' or ')
  return `${text} (e.g. ${list}regex used for validation is '${format}')`
}
