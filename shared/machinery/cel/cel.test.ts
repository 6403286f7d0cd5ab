import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { adaptAny } from './adapt.ts'
import { budgetOf } from './budget.ts'
import { compile } from './compile.ts'
import { loadRe2 } from '../re2.ts'
import { baseFunctions } from './library.ts'
import * as types from './type.ts'
import { EvaluationError, itemsOf, type Value } from './value.ts'

/** What upstream's own packages say of an expression: recorded from k8s.io/apiserver v0.36.0. */
interface Recorded {
  expr: string
  fault?: string
  type?: string
  value?: string
  error?: string
  cost?: string
}

const recorded = readFileSync(new URL('testdata/expressions.jsonl', import.meta.url), 'utf8')
  .split('\n')
  .filter(line => line !== '')
  .map(line => JSON.parse(line) as Recorded)

await loadRe2()

const environment = {
  variables: { x: types.int, d: types.dyn, l: types.listType(types.string), m: types.mapType(types.string, types.int) },
  functions: baseFunctions(),
}
const variables = new Map<string, Value>([
  ['x', 3n],
  ['l', adaptAny(['a', 'bb'])],
  ['m', adaptAny({ a: 1, b: 2 })],
  ['d', adaptAny({ s: 'text', i: 5, f: 1.5, n: null, l: [1, 'a'], m: { k: 'v' } })],
])

test.each(recorded)('$expr', ({ expr, ...wanted }) => {
  expect(outcome(expr)).toEqual(wanted)
})

function outcome(expr: string): Omit<Recorded, 'expr'> {
  const compiled = compile(expr, environment)
  if (compiled.fault !== undefined) return { fault: compiled.fault.replace('compilation failed: ', '') }
  const budget = budgetOf()
  const type = types.formatType(compiled.type)
  try {
    const value = show(compiled.program.evaluate(name => variables.get(name), budget))
    return { type, value, cost: String(budget.spent) }
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error
    return { type, error: error.message, cost: String(budget.spent) }
  }
}

/** As Go prints the value. */
function show(value: Value): string {
  if (value === null) return 'NULL_VALUE'
  if (typeof value !== 'object') return String(value)
  switch (value.kind) {
    case 'list':
      return `[${Array.from(itemsOf(value), show).join(' ')}]`
    case 'type':
      return value.name
    case 'uint':
      return String(value.value)
    default:
      return value.kind
  }
}

describe('bounds', () => {
  const cancelled = { error: 'operation cancelled: actual cost limit exceeded' }

  test.each([
    'lists.range(100000000).all(a, lists.range(100000000).all(b, true))',
    'lists.range(100000000).map(a, [a]).distinct().size() > 0',
    'lists.range(100000000).sort().size() > 0',
    '5 in lists.range(100000000)',
    'lists.range(10000).map(a, "aaaaaaaaaaaaaaaaaaaa").join("").replace("a", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa").size() > 0',
    'lists.range(4000).all(a, lists.range(4000).exists(b, a == b && false) || true)',
  ])('%s', expr => {
    expect(outcome(expr)).toMatchObject(cancelled)
  })

  test('expressions that are too deep are refused', () => {
    const deep = [`${'('.repeat(300)}1${')'.repeat(300)}`, Array.from({ length: 5000 }, () => '1').join('+')]
    for (const expr of deep) expect(outcome(expr).fault).toContain('recursion limit exceeded')
  })

  test('a pattern takes time linear in the text', () => {
    expect(outcome(`"${'a'.repeat(500)}!".matches("^(a+)+$")`)).toMatchObject({ value: 'false' })
  })
})
