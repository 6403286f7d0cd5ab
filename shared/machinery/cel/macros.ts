import { accumulator, type Expr, type Fold } from './ast.ts'
import { ParseError } from './lexer.ts'

interface MacroCall {
  readonly at: number
  readonly name: string
  readonly target: Expr | undefined
  readonly args: readonly Expr[]
}

/** What a call of a macro stands for, or undefined if it is none: names and argument counts decide (cel-go, parser/macro.go). */
export function expandMacro(called: MacroCall): Expr | undefined {
  const { name, target, args, at } = called
  if (!target) return name === 'has' && args.length === 1 ? expandHas(args[0] as Expr, at) : undefined
  const expand = macros[`${name}/${args.length}`]
  return expand?.({ at, target, args })
}

function expandHas(arg: Expr, at: number): Expr {
  if (arg.kind !== 'select' || arg.test) throw new ParseError(arg.at, 'invalid argument to has() macro')
  return { ...arg, at, test: true }
}

interface Parts {
  readonly at: number
  readonly target: Expr
  readonly args: readonly Expr[]
}

const literal = (at: number, value: boolean | bigint): Expr => ({ kind: 'literal', at, value })
const call = (at: number, name: string, ...args: Expr[]): Expr => ({ kind: 'call', at, name, target: undefined, args })
const accu = (at: number): Expr => ({ kind: 'ident', at, name: accumulator })
const listOf = (at: number, ...items: Expr[]): Expr => ({
  kind: 'list',
  at,
  items: items.map(value => ({ value, optional: false })),
})

/** The name that an iteration variable is given. */
function variable(expr: Expr | undefined, message = 'argument must be a simple name'): string {
  if (expr?.kind === 'ident' && !expr.name.startsWith('.')) return expr.name
  throw new ParseError(expr?.at ?? 0, message)
}

/** The loop of a macro with one variable or two, which come first among the arguments. */
function fold(
  { at, target, args }: Parts,
  variables: 1 | 2,
  parts: Pick<Fold, 'init' | 'condition' | 'step' | 'result'>,
): Fold {
  const first = variable(args[0])
  const second = variables === 2 ? variable(args[1]) : undefined
  if (first === second) throw new ParseError(args[1]?.at ?? at, `duplicate variable name: ${first}`)
  return { kind: 'fold', at, range: target, variable: first, second, accumulator, ...parts }
}

const all = (variables: 1 | 2) => (parts: Parts) => {
  const { at } = parts
  return fold(parts, variables, {
    init: literal(at, true),
    condition: call(at, '@not_strictly_false', accu(at)),
    step: call(at, '_&&_', accu(at), parts.args[variables] as Expr),
    result: accu(at),
  })
}

const exists = (variables: 1 | 2) => (parts: Parts) => {
  const { at } = parts
  return fold(parts, variables, {
    init: literal(at, false),
    condition: call(at, '@not_strictly_false', call(at, '!_', accu(at))),
    step: call(at, '_||_', accu(at), parts.args[variables] as Expr),
    result: accu(at),
  })
}

const existsOne = (variables: 1 | 2) => (parts: Parts) => {
  const { at } = parts
  const predicate = parts.args[variables] as Expr
  return fold(parts, variables, {
    init: literal(at, 0n),
    condition: literal(at, true),
    step: call(at, '_?_:_', predicate, call(at, '_+_', accu(at), literal(at, 1n)), accu(at)),
    result: call(at, '_==_', accu(at), literal(at, 1n)),
  })
}

/** `map`, `filter` and `transformList`: with a predicate only what meets it is taken. */
const collect =
  (variables: 1 | 2, { filter, transform }: { filter?: number; transform?: number }) =>
  (parts: Parts) => {
    const { at, args } = parts
    const item = transform === undefined ? (args[0] as Expr) : (args[transform] as Expr)
    const step = call(at, '_+_', accu(at), listOf(at, item))
    return fold(parts, variables, {
      init: listOf(at),
      condition: literal(at, true),
      step: filter === undefined ? step : call(at, '_?_:_', args[filter] as Expr, step, accu(at)),
      result: accu(at),
    })
  }

/** `transformMap` and `transformMapEntry`: the latter says keys, too. */
const collectMap =
  ({ filter, transform, entry }: { filter?: number; transform: number; entry: boolean }) =>
  (parts: Parts) => {
    const { at, args } = parts
    const item = args[transform] as Expr
    const key: Expr = { kind: 'ident', at, name: variable(args[0]) }
    const step = entry ? call(at, 'cel.@mapInsert', accu(at), item) : call(at, 'cel.@mapInsert', accu(at), key, item)
    return fold(parts, 2, {
      init: { kind: 'map', at, entries: [] },
      condition: literal(at, true),
      step: filter === undefined ? step : call(at, '_?_:_', args[filter] as Expr, step, accu(at)),
      result: accu(at),
    })
  }

/** Names a value for one expression. A fold over nothing: the accumulator is the name. */
function bind(at: number, { name, value, body }: { name: string; value: Expr; body: Expr }): Fold {
  const parts = { range: listOf(at), variable: '#unused', second: undefined, accumulator: name, init: value }
  return { kind: 'fold', at, ...parts, condition: literal(at, false), step: { kind: 'ident', at, name }, result: body }
}

const method = (at: number, name: string, target: Expr): Expr => ({ kind: 'call', at, name, target, args: [] })

/** `opt.optMap(v, e)` and `opt.optFlatMap(v, e)` (cel-go, cel/library.go). */
const optional =
  (flat: boolean) =>
  ({ at, target, args }: Parts) => {
    const name = variable(
      args[0],
      flat
        ? 'optFlatMap() variable name must be a simple identifier'
        : 'optMap() variable name must be a simple identifier',
    )
    const body = bind(at, { name, value: method(at, 'value', target), body: args[1] as Expr })
    const some = flat ? body : call(at, 'optional.of', body)
    return call(at, '_?_:_', method(at, 'hasValue', target), some, call(at, 'optional.none'))
  }

const sortInput = '@__sortBy_input__'

/** `list.sortBy(v, key)`: the list is put in the order of its keys (cel-go, ext/lists.go). */
function sortBy({ at, target, args }: Parts): Expr {
  const input: Expr = { kind: 'ident', at, name: sortInput }
  const keys = collect(1, { transform: 1 })({ at, target: input, args })
  const body: Expr = { kind: 'call', at, name: '@sortByAssociatedKeys', target: input, args: [keys] }
  return bind(at, { name: sortInput, value: target, body })
}

const macros: Readonly<Record<string, (parts: Parts) => Expr>> = {
  'all/2': all(1),
  'all/3': all(2),
  'exists/2': exists(1),
  'exists/3': exists(2),
  'exists_one/2': existsOne(1),
  'existsOne/3': existsOne(2),
  'map/2': collect(1, { transform: 1 }),
  'map/3': collect(1, { filter: 1, transform: 2 }),
  'filter/2': collect(1, { filter: 1 }),
  'transformList/3': collect(2, { transform: 2 }),
  'transformList/4': collect(2, { filter: 2, transform: 3 }),
  'transformMap/3': collectMap({ transform: 2, entry: false }),
  'transformMap/4': collectMap({ filter: 2, transform: 3, entry: false }),
  'transformMapEntry/3': collectMap({ transform: 2, entry: true }),
  'transformMapEntry/4': collectMap({ filter: 2, transform: 3, entry: true }),
  'optMap/2': optional(false),
  'optFlatMap/2': optional(true),
  'sortBy/2': sortBy,
}
