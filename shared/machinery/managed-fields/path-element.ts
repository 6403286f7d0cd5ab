import { quote } from '../field-errors.ts'
import { isObject } from '../json-value.ts'
import { parseJson } from '../exact-json.ts'

/** One step of a path in a set of fields, as fieldsV1 writes it (structured-merge-diff fieldpath/serialize-pe.go). */

/** A member of a map. */
export const fieldElement = (name: string): string => `f:${name}`

/** An item of a set, told by its value. */
export const valueElement = (value: unknown): string => `v:${goJson(value)}`

/** An item of a list that is a map, told by its keys, which must be in the order of their names. */
export const keyElement = (keys: readonly (readonly [name: string, value: unknown])[]): string =>
  `k:{${keys.map(([name, value]) => `${goJson(name)}:${goJson(value)}`).join(',')}}`

const plain = /^[\w ./:-]*$/

/** JSON as Go's encoder writes it, which also escapes what matters to HTML. */
const goJson = (value: unknown) =>
  typeof value === 'string' && plain.test(value) ? `"${value}"` : escaped(JSON.stringify(value))

const escaped = (json: string) =>
  json.replace(/[<>&\u2028\u2029]/g, found => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`)

/**
 * The form of an element in which equal ones have equal text. Undefined for a kind of elements that is not known, which
 * upstream drops. Throws for one that can't be read.
 */
export function canonicalElement(element: string): string | undefined {
  if (element[1] !== ':') throw new SyntaxError(`missing colon: ${element}`)
  const text = element.slice(2)
  switch (element[0]) {
    case 'f':
      return element
    case 'v':
      return valueElement(parseJson(text))
    case 'k':
      return keyElement(keysOf(element))
    case 'i':
      if (!/^[-+]?\d+$/.test(text)) throw new SyntaxError(`no index: ${element}`)
      return `i:${Number(text)}`
    default:
      return undefined
  }
}

function keysOf(element: string): [name: string, value: unknown][] {
  const keys: unknown = parseJson(element.slice(2))
  if (!isObject(keys)) throw new SyntaxError(`no keys: ${element}`)
  return Object.entries(keys).sort(([a], [b]) => compareTexts(a, b))
}

/** As upstream prints it in a path: `.spec`, `[name="web"]`, `[="a"]`. */
export function printElement(element: string): string {
  const text = element.slice(2)
  switch (element[0]) {
    case 'f':
      return `.${text}`
    case 'k':
      return `[${keysOf(element)
        .map(([name, value]) => `${name}=${print(value)}`)
        .join(',')}]`
    case 'v':
      return `[=${print(parseJson(text))}]`
    default:
      return `[${text}]`
  }
}

const print = (value: unknown) => (typeof value === 'string' ? quote(value) : JSON.stringify(value))

const kinds = 'fkvi'
const plainText = /^(k:\{"\w+":|v:)"([\w ./:-]*)"\}?$/

/** Upstream's order: fields, keys, values, indexes; within a kind by value, numbers before texts (fieldpath/element.go, Compare). */
export function compareElements(a: string, b: string): number {
  if (a === b) return 0
  const kind = a[0] ?? ''
  if (kind !== b[0]) return kinds.indexOf(kind) - kinds.indexOf(b[0] ?? '')
  if (kind === 'f') return compareTexts(a, b)
  // Plain texts, of one key, are in the order of what they stand in.
  const [left, right] = [plainText.exec(a), plainText.exec(b)]
  if (left && right && left[1] === right[1]) return compareTexts(left[2] ?? '', right[2] ?? '')
  if (kind === 'k') return compareKeys(keysOf(a), keysOf(b))
  return compareValues(parseJson(a.slice(2)), parseJson(b.slice(2)))
}

function compareKeys(a: [string, unknown][], b: [string, unknown][]): number {
  for (const [at, [name, value]] of a.entries()) {
    const other = b[at]
    if (!other) return 1
    const order = compareTexts(name, other[0]) || compareValues(value, other[1])
    if (order !== 0) return order
  }
  return a.length - b.length
}

const types = ['number', 'string', 'boolean', 'object']

function compareValues(a: unknown, b: unknown): number {
  const type = typeof a
  if (type !== typeof b) return types.indexOf(type) - types.indexOf(typeof b)
  if (type === 'number' || type === 'boolean') return Number(a) - Number(b)
  return compareTexts(
    type === 'string' ? (a as string) : JSON.stringify(a),
    type === 'string' ? (b as string) : JSON.stringify(b),
  )
}

const compareTexts = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
