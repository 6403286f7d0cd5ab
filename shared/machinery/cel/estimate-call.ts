import { times, scaled } from './estimate-size.ts'
import type { Overload } from './functions.ts'
import type { Type } from './type.ts'
import type { Value } from './value.ts'

/** An argument, as far as the text of the expression and the declared types tell. */
export interface Operand {
  readonly type: Type
  readonly size: number
  readonly literal: Value | undefined
  readonly element: Type | undefined
  readonly elementSize: number
}

export interface Estimated {
  readonly cost: number
  /** Where the result has a size and it is not just as large as anything may be. */
  readonly resultSize?: number
}

interface Called {
  readonly name: string
  readonly overload: Overload
  /** The value that the function is called on first. */
  readonly operands: readonly Operand[]
  readonly onTarget: boolean
}

type Estimate = (operands: readonly Operand[], called: Called) => Estimated

const perCharacter = 0.1
const perPatternCharacter = 0.25
const size = (operand: Operand | undefined) => operand?.size ?? Infinity
const read = (operand: Operand | undefined, factor = 1) => scaled(size(operand), factor * perCharacter)

const first: Estimate = ([a]) => ({ cost: read(a) })
const firstKept: Estimate = ([a]) => ({ cost: read(a), resultSize: size(a) })
const second: Estimate = ([, b]) => ({ cost: read(b) })
const textOrOne = (overload: Overload) => ['string', 'bytes'].includes(overload.args[0]?.kind ?? '')

const pattern: Estimate = ([text, regex]) => ({
  cost: times(scaled(size(text) + 1, perCharacter), scaled(size(regex), perPatternCharacter)),
})

const lesser: Estimate = ([a, b], { overload }) => {
  const comparesAny = overload.args[0]?.kind === 'param'
  if (!comparesAny && !textOrOne(overload)) return { cost: 1 }
  if (comparesAny && a?.type.kind === 'opaque') return { cost: 1 }
  return { cost: scaled(Math.min(size(a), size(b)), perCharacter) }
}

const sum: Estimate = ([a, b], { overload }) => {
  const total = size(a) + size(b)
  if (overload.args[0]?.kind === 'list') return { cost: 1, resultSize: total }
  return textOrOne(overload) ? { cost: scaled(total, perCharacter), resultSize: total } : { cost: 1 }
}

/** Each element once, and the text in it. */
const through: Estimate = ([target]) => {
  if (!target?.element) return { cost: read(target) }
  const text = ['string', 'bytes'].includes(target.element.kind)
  return { cost: times(target.size, 1 + (text ? scaled(target.elementSize, perCharacter) : 0)) }
}

const replace: Estimate = ([target, old, by]) => {
  const length = size(target)
  const shortest = old?.literal === undefined ? 0 : size(old)
  const cost = read(target, 2)
  if (shortest === 0) return { cost, resultSize: times(length + 1, size(by)) + length }
  if (size(by) <= shortest) return { cost, resultSize: length }
  return { cost, resultSize: times(Math.ceil(length / shortest), size(by)) }
}

const split: Estimate = ([target, , limit]) => ({
  cost: read(target, 2),
  resultSize: typeof limit?.literal === 'bigint' ? Number(limit.literal) : size(target),
})

const join: Estimate = ([list, separator]) => {
  const count = size(list)
  const texts = times(count, list?.elementSize ?? Infinity)
  const total = texts + (separator ? times(Math.max(0, count - 1), size(separator)) : 0)
  return { cost: scaled(total, perCharacter), resultSize: total }
}

const conversion: Estimate = ([a], { overload }) => {
  const from = overload.args[0]?.kind
  if (overload.name === 'bytes' && from === 'string') return { cost: read(a), resultSize: size(a) * 4 }
  return overload.name === 'string' && from === 'bytes' ? { cost: read(a), resultSize: size(a) } : { cost: 1 }
}

/** Addresses are of sixteen bytes at most. */
const contained =
  (base: number): Estimate =>
  ([, other]) => ({ cost: base + (other?.type.kind === 'string' ? read(other) : 0) })

const selectorOf: Estimate = ([, text]) => ({ cost: 10 + read(text) + scaled(scaled(size(text), 0.5), 50) })

const entries = (estimate: Estimate, names: string) => names.split(' ').map(name => [name, estimate] as const)

/** By function, as cel-go's checker and apiserver/pkg/cel/library/cost.go estimate them; others cost 1. */
const estimates = new Map<string, Estimate>([
  ...entries(() => ({ cost: 350_000 }), 'check'),
  ...entries(selectorOf, 'fieldSelector labelSelector'),
  ...entries(through, 'isSorted sum max min indexOf lastIndexOf'),
  ...entries(firstKept, 'url jsonpatch.escapeKey lowerAscii upperAscii substring trim'),
  ...entries(first, 'cidr isIP isCIDR quantity isQuantity semver isSemver format'),
  ...entries(([a], { overload }) => ({ cost: overload.method ? 1 : read(a) }), 'ip'),
  ...entries(([a]) => ({ cost: read(a, 2) }), 'ip.isCanonical'),
  ...entries(([, b]) => ({ cost: scaled(read(b), 128 * perPatternCharacter) }), 'validate'),
  ...entries(second, 'startsWith endsWith'),
  ...entries((operands, called) => (called.onTarget ? pattern(operands, called) : { cost: 1 }), 'matches'),
  ...entries((operands, called) => ({ ...pattern(operands, called), resultSize: size(operands[0]) }), 'find findAll'),
  ...entries(([a, b]) => ({ cost: times(read(a), read(b)) }), 'contains'),
  ...entries(([, b], { overload }) => ({ cost: overload.args[1]?.kind === 'list' ? size(b) : 1 }), '@in'),
  ...entries(() => ({ cost: 0 }), '_&&_ _||_'),
  ...entries(lesser, '_==_ _!=_ _<_ _<=_ _>_ _>=_'),
  ...entries(sum, '_+_'),
  ...entries(([a]) => ({ cost: read(a), resultSize: size(a) * 2 + 2 }), 'strings.quote'),
  ...entries(conversion, 'bytes string'),
  ...entries(contained(4), 'containsIP'),
  ...entries(contained(7), 'containsCIDR'),
  ...entries(([a]) => ({ cost: size(a) + 11, resultSize: size(a) }), 'reverse slice flatten'),
  ...entries(([a]) => ({ cost: typeof a?.literal === 'bigint' ? Number(a.literal) + 11 : Infinity }), 'lists.range'),
  ...entries(
    ([a]) => ({ cost: times(size(a), size(a)) * 2 + 11, resultSize: size(a) }),
    'sort distinct @sortByAssociatedKeys',
  ),
  ...entries(([a, b]) => ({ cost: times(size(a), size(b)) + 1 }), 'sets.contains sets.intersects'),
  ...entries(([a, b]) => ({ cost: times(size(a), size(b)) * 2 + 1 }), 'sets.equivalent'),
  ['replace', replace],
  ['split', split],
  ['join', join],
  ['dyn', ([a]) => ({ cost: 1, resultSize: size(a) })],
])

/** The most that a call costs beside its arguments, and how large its result may be. */
export function estimateCall(called: Called): Estimated {
  const estimate = estimates.get(called.name)
  return estimate ? estimate(called.operands, called) : { cost: 1 }
}
