import type { Value } from './value.ts'

/** A parsed expression. `at` is where messages about it point; each node is its own identity. */
export type Expr = Literal | Ident | Select | Call | ListExpr | MapExpr | StructExpr | Fold

interface Node {
  readonly at: number
}

interface Literal extends Node {
  readonly kind: 'literal'
  readonly value: Value
}

/** A name that begins with a dot is looked up outside of all comprehensions. */
interface Ident extends Node {
  readonly kind: 'ident'
  readonly name: string
}

export interface Select extends Node {
  readonly kind: 'select'
  readonly operand: Expr
  readonly field: string
  /** `has(operand.field)` */
  readonly test: boolean
}

/** Operators are functions whose names show their places: `_+_`, `!_`, `_[_]`, `_?_:_`. */
export interface Call extends Node {
  readonly kind: 'call'
  readonly name: string
  readonly target: Expr | undefined
  readonly args: readonly Expr[]
}

export interface ListExpr extends Node {
  readonly kind: 'list'
  readonly items: readonly { readonly value: Expr; readonly optional: boolean }[]
}

export interface MapExpr extends Node {
  readonly kind: 'map'
  readonly entries: readonly (Node & { readonly key: Expr; readonly value: Expr; readonly optional: boolean })[]
}

export interface StructExpr extends Node {
  readonly kind: 'struct'
  readonly name: string
  readonly fields: readonly (Node & { readonly name: string; readonly value: Expr; readonly optional: boolean })[]
}

/** What macros become: a loop over a list or the keys of a map that carries an accumulator. */
export interface Fold extends Node {
  readonly kind: 'fold'
  readonly range: Expr
  readonly variable: string
  /** With it the first variable is the index or key, this one the value. */
  readonly second: string | undefined
  readonly accumulator: string
  readonly init: Expr
  readonly condition: Expr
  readonly step: Expr
  readonly result: Expr
}

/** The name of the accumulator of macros; no expression can say it. */
export const accumulator = '@result'

/** `a.b.c` as a name, or undefined for what is no chain of names. */
export function qualifiedName(expr: Expr): string | undefined {
  if (expr.kind === 'ident') return expr.name
  if (expr.kind !== 'select' || expr.test) return undefined
  const operand = qualifiedName(expr.operand)
  return operand === undefined ? undefined : `${operand}.${expr.field}`
}

/** The expressions right inside of one. */
export function childrenOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case 'literal':
    case 'ident':
      return []
    case 'select':
      return [expr.operand]
    case 'call':
      return expr.target ? [expr.target, ...expr.args] : expr.args
    case 'list':
      return expr.items.map(item => item.value)
    case 'map':
      return expr.entries.flatMap(entry => [entry.key, entry.value])
    case 'struct':
      return expr.fields.map(field => field.value)
    case 'fold':
      return [expr.range, expr.init, expr.condition, expr.step, expr.result]
  }
}

/** How deep expressions stand in one another. Needs no stack for it. */
export function depthOf(expr: Expr): number {
  let level: Expr[] = [expr]
  let depth = 0
  for (; level.length > 0; depth++) {
    // What a macro says twice is one expression.
    level = [...new Set(level.flatMap(childrenOf))]
  }
  return depth
}
