import type { Overload } from './functions.ts'
import { codePoints } from './text.ts'
import { itemsOf, type Value } from './value.ts'

export const listCost = 10
export const mapCost = 30
export const structCost = 40
const perCharacter = 0.1
const perPatternCharacter = 0.25

/** How large a value is: characters, bytes or elements; 1 for what has no size. */
function sizeOf(value: Value | undefined): number {
  if (typeof value === 'string') return codePoints(value)
  if (value === null || typeof value !== 'object') return 1
  switch (value.kind) {
    case 'list':
      return value.length
    case 'map':
      return value.size
    case 'struct':
      return value.fields().length
    case 'bytes':
      return value.data.length
    case 'optional':
      return value.value === undefined ? 1 : sizeOf(value.value)
    case 'opaque':
      return value.type.size?.(value.value) ?? 1
    default:
      return 1
  }
}

const traversal = (value: Value | undefined, factor = 1) => Math.ceil(sizeOf(value) * factor * perCharacter)
const pattern = (text: Value | undefined, regex: Value | undefined) =>
  Math.ceil((1 + sizeOf(text)) * perCharacter) * Math.ceil(sizeOf(regex) * perPatternCharacter)

type Cost = (args: readonly Value[], overload: Overload) => number

const lesser: Cost = ([a, b]) => Math.ceil(Math.min(sizeOf(a), sizeOf(b)) * perCharacter)
const first: Cost = ([a]) => traversal(a)
const twice: Cost = ([a]) => traversal(a, 2)
const all: Cost = ([a]) => (a === undefined ? 0 : wholeSize(a))
const one: Cost = () => 1
const textual =
  (cost: Cost): Cost =>
  (args, overload) =>
    typeof args[0] === 'string' || isBytes(args[0]) ? cost(args, overload) : 1
/** Up to the length of the prefix is compared. */
const within =
  (factor: number, base: number): Cost =>
  ([cidr, other]) =>
    traversal(cidr, 2) + factor * traversal(cidr) + base + (typeof other === 'string' ? traversal(other) : 0)

function isBytes(value: Value | undefined): boolean {
  return value !== null && typeof value === 'object' && value.kind === 'bytes'
}

/** A list is gone through with what it holds. */
function wholeSize(value: Value): number {
  if (typeof value === 'string') return Math.floor(Buffer.byteLength(value) * perCharacter)
  if (value === null || typeof value !== 'object') return 1
  if (value.kind === 'bytes') return Math.floor(value.data.length * perCharacter)
  if (value.kind !== 'list') return 1
  let sum = 0
  for (const item of itemsOf(value)) sum += wholeSize(item)
  return sum
}

/** Of the parsing of a selector: its text, and a requirement for each second character of it. */
const selector: Cost = ([, text]) =>
  listCost + traversal(text) + Math.ceil(Math.ceil(sizeOf(text) * 0.5) * (listCost + structCost))

/** Of making a list as long as what it comes from. */
const created: Cost = ([a, from, to]) => {
  const span = typeof from === 'bigint' && typeof to === 'bigint' ? to - from : a
  return Math.max(0, typeof span === 'bigint' ? Number(span) : sizeOf(span)) + listCost + 1
}

/** Of comparing each element with each: with itself, or with those of another list. */
const compared =
  (factor: number, base: number): Cost =>
  ([a, b]) =>
    sizeOf(a) * sizeOf(b ?? a) * factor + base + 1

const sum: Cost = ([a, b]) => Math.ceil((sizeOf(a) + sizeOf(b)) * perCharacter)
/** Between text and bytes. */
const conversion: Cost = ([value], { signature }) =>
  /^(bytes\(string|string\(bytes)\)/.test(signature) ? traversal(value) : 1
const joined: Cost = ([list, separator]) => {
  if (list === undefined || typeof list !== 'object' || list?.kind !== 'list') return 1
  let size = Math.max(0, list.length - 1) * (separator === undefined ? 0 : sizeOf(separator))
  for (const item of itemsOf(list)) size += sizeOf(item)
  return Math.ceil(size * 2 * perCharacter)
}

const same = (cost: Cost, names: string) => names.split(' ').map(name => [name, cost] as const)

/** By function: those of CEL as cel-go's interpreter has them, Kubernetes' own as apiserver/pkg/cel/library/cost.go. Others cost 1. */
const costs = new Map<string, Cost>([
  ...same(
    ([a]) => traversal(a),
    'url lowerAscii upperAscii substring trim jsonpatch.escapeKey cidr isIP isCIDR quantity isQuantity semver isSemver strings.quote format',
  ),
  ...same(first, 'startsWith endsWith'),
  ...same(textual(lesser), '_<_ _<=_ _>_ _>=_'),
  ...same(lesser, '_==_ _!=_'),
  ...same(textual(sum), '_+_'),
  ...same(conversion, 'bytes string'),
  ...same(all, 'isSorted sum max min indexOf lastIndexOf'),
  ...same(twice, 'replace split ip.isCanonical'),
  ['join', joined],
  ...same(([text, regex]) => pattern(text, regex), 'matches find findAll'),
  ['contains', ([text, part]) => traversal(text) * traversal(part)],
  [
    '@in',
    ([, container]) =>
      container !== null && typeof container === 'object' && container.kind === 'list' ? container.length : 1,
  ],
  ['ip', ([a]) => (typeof a === 'string' ? traversal(a) : 1)],
  ['containsIP', within(0, 0)],
  ['containsCIDR', within(1, 1)],
  ['check', () => 350_000],
  ...same(selector, 'fieldSelector labelSelector'),
  // The pattern of a format is not told; its length stands for it.
  ['validate', ([format, text]) => pattern(text, format)],
  ...same(created, 'reverse slice lists.range flatten'),
  ...same(compared(2, listCost), 'sort distinct @sortByAssociatedKeys'),
  ...same(compared(1, 0), 'sets.contains sets.intersects'),
  ['sets.equivalent', compared(2, 0)],
])

/** What a call will cost: known before it is made, so that none is made that costs too much. */
export function callCost(overload: Overload, args: readonly Value[]): number {
  return (costs.get(overload.name) ?? one)(args, overload)
}
