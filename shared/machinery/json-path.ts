import { goValue, isList, isObject } from './json-value.ts'

/** The values that a path leads to; undefined where it asks for what can't be (an index that is not there, a filter of no list). */
export type JsonPath = (root: unknown) => unknown[] | undefined

type Step = (values: unknown[]) => unknown[] | undefined

/**
 * Compiles a path as client-go/util/jsonpath reads what stands between braces, absent fields allowed: `.spec.a\.b`,
 * `['a.b']`, `[-1]`, `[0:2]`, `[*]`, `..name`, `[?(@.type=="Ready")].status`. Undefined for a malformed one.
 */
export function compileJsonPath(text: string): JsonPath | undefined {
  const steps: Step[] = []
  let rest = text
  while (rest !== '') {
    const read = readStep(rest)
    if (!read) return undefined
    if (read.step) steps.push(read.step)
    rest = rest.slice(read.length)
  }
  return root => {
    let values: unknown[] | undefined = [root]
    for (const step of steps) values = values && step(values)
    return values
  }
}

interface Read {
  step?: Step
  length: number
}

const forms: readonly [RegExp, (found: RegExpExecArray) => Step | undefined][] = [
  [/^[@$ ]+/u, () => values => values],
  [/^\[\?\(((?:"[^"]*"|'[^']*'|[^)"'])*)\)\]/u, ([, inner = '']) => filter(inner)],
  [/^\.\.(?=[.[]|$)/u, () => values => values.flatMap(descendants)],
  [
    /^\.\.((?:\\.|[^\s.,[\]$@{}\\])+)/su,
    ([, name = '']) =>
      values =>
        member(values.flatMap(descendants), unescape(name)),
  ],
  [/^\.((?:\\.|[^\s.,[\]$@{}\\])*)/su, ([, name = '']) => fieldStep(unescape(name))],
  [/^\[([^\]]*)\]/u, ([, inner = '']) => bracket(inner)],
  [
    /^(?:"((?:\\.|[^"\\])*)"|'((?:\\.|[^'\\])*)')/su,
    ([, double, single]) => constant(unescape(double ?? single ?? '')),
  ],
  [/^([-+]?\d+(?:\.\d+)?)/u, ([, number = '']) => constant(Number(number))],
  [/^(true|false)(?=[\s.,[\]$@{}]|$)/u, ([, word]) => constant(word === 'true')],
]

function readStep(text: string): Read | undefined {
  for (const [form, make] of forms) {
    const found = form.exec(text)
    if (!found) continue
    const step = make(found)
    return step && { step, length: found[0].length }
  }
  return undefined
}

const unescape = (text: string) => text.replaceAll('\\', '')

const constant =
  (value: unknown): Step =>
  values =>
    values.map(() => value)

const fieldStep = (name: string): Step =>
  name === '*' ? values => values.flatMap(children) : values => member(values, name)

/** Of those that are objects and have it; a path of a field goes no further in anything else. */
function member(values: unknown[], name: string): unknown[] {
  if (name === '') return values
  return values.flatMap(value => (isObject(value) && Object.hasOwn(value, name) ? [value[name]] : []))
}

function children(value: unknown): unknown[] {
  if (isList(value)) return value
  return isObject(value) ? Object.values(value) : []
}

function descendants(value: unknown): unknown[] {
  return [value, ...children(value).flatMap(descendants)]
}

function bracket(inner: string): Step | undefined {
  const parts = inner.split(',').map(part => part.trim())
  if (parts.length > 1) {
    const steps = parts.map(bracket)
    if (steps.some(step => !step)) return undefined
    return values => {
      const found = steps.map(step => step?.(values))
      return found.some(one => !one) ? undefined : found.flatMap(one => one ?? [])
    }
  }
  const name = /^'([^']+)'$/u.exec(inner)
  if (name) return values => member(values, unescape(name[1] ?? ''))
  const slice = /^(-?\d*)(:-?\d*)?(:-?\d*)?$/u.exec(inner === '*' ? ':' : inner)
  return slice ? sliceStep(slice) : undefined
}

function sliceStep([, first = '', second, third]: RegExpExecArray): Step | undefined {
  if (first === '' && second === undefined) return undefined
  const number = (part: string | undefined) =>
    part === undefined || part === '' || part === ':' ? undefined : Number(part.replace(':', ''))
  const [from, to, by = 1] = [number(first), number(second), number(third)]
  return values => {
    const found = values.map(value =>
      isList(value) ? pick(value, { from, to, by, single: second === undefined }) : undefined,
    )
    return found.some(one => !one) ? undefined : found.flatMap(one => one ?? [])
  }
}

interface Slice {
  from: number | undefined
  to: number | undefined
  by: number
  /** One index, no range. */
  single: boolean
}

function pick(list: readonly unknown[], { from = 0, to, by, single }: Slice): unknown[] | undefined {
  const { length } = list
  const start = from < 0 ? from + length : from
  const asked = single ? start + 1 : (to ?? length)
  const end = asked < 0 ? asked + length : asked
  if (start === end) return []
  if (start < 0 || start >= length || end < 0 || end > length || start > end || by <= 0) return undefined
  return list.slice(start, end).filter((_, i) => i % by === 0)
}

function filter(inner: string): Step | undefined {
  const [, left = '', operator = '', right = ''] = /^([^!<>=]+)([!<>=]+)(.+)$/su.exec(inner) ?? []
  const leftPath = compileJsonPath(operator === '' ? inner : left)
  const rightPath = operator === '' ? undefined : compileJsonPath(right)
  const compare = comparisons[operator]
  if (!leftPath || (operator !== '' && (!rightPath || !compare))) return undefined
  const passes = (item: unknown) => {
    const lefts = leftPath(item) ?? []
    if (!compare || !rightPath) return lefts.length > 0
    const rights = rightPath(item) ?? []
    return lefts.length === 1 && rights.length === 1 && compare(lefts[0], rights[0])
  }
  return values => (values.every(isList) ? values.flatMap(value => value.filter(passes)) : undefined)
}

const comparisons: Readonly<Record<string, (a: unknown, b: unknown) => boolean>> = {
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<': (a, b) => order(a, b) < 0,
  '<=': (a, b) => order(a, b) <= 0,
  '>': (a, b) => order(a, b) > 0,
  '>=': (a, b) => order(a, b) >= 0,
}

/** NaN for what has no order. */
function order(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (typeof a !== 'string' || typeof b !== 'string') return NaN
  return a < b ? -1 : Number(a > b)
}

/** A value that a path led to as text: lists and objects as JSON, the rest as Go prints it. */
export function jsonPathText(value: unknown): string {
  return isList(value) || isObject(value) ? JSON.stringify(value) : value === null ? 'null' : goValue(value)
}
