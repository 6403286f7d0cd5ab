import { accumulator, type Call, type Expr, type Fold, type ListExpr, type MapExpr } from './ast.ts'
import { listCost, mapCost, structCost } from './call-cost.ts'
import type { Checked } from './checker.ts'
import { estimateCall, type Estimated, type Operand } from './estimate-call.ts'
import { times } from './estimate-size.ts'
import type { Type } from './type.ts'
import { codePoints } from './text.ts'

/** How large the keys and values of a list or map that an expression builds may be. */
interface Entry {
  readonly key: number
  readonly value: number
}

interface Local {
  readonly size: number | undefined
  readonly entry: Entry | undefined
}

/**
 * The most that an expression can cost with the largest values that the declared types allow; Infinity if nothing bounds
 * it (cel-go, checker/cost.go).
 */
export function estimateCost(root: Expr, checked: Checked): { max: number } {
  const sizes = new Map<Expr, number>()
  const entries = new Map<Expr, Entry>()
  let locals: ReadonlyMap<string, Local> = new Map()
  return { max: cost(root) }

  function cost(expr: Expr): number {
    switch (expr.kind) {
      case 'literal':
        return 0
      case 'ident':
        return 1
      case 'select':
        if (checked.nameOf(expr) !== undefined) return 1
        return cost(expr.operand) + (expr.test || !hasFields(checked.typeOf(expr.operand)) ? 0 : 1)
      case 'call':
        return costOfCall(expr)
      case 'list':
        return costOfList(expr)
      case 'map':
        return costOfMap(expr)
      case 'struct':
        return structCost + expr.fields.reduce((sum, field) => sum + cost(field.value), 0)
      case 'fold':
        return expr.accumulator === accumulator ? costOfFold(expr) : costOfBinding(expr)
    }
  }

  function costOfCall(expr: Call): number {
    const { overloads, onTarget } = checked.callOf(expr)
    const args = [...(expr.target && onTarget ? [expr.target] : []), ...expr.args]
    const costs = args.map(cost)
    if (expr.name === '_?_:_') {
      const [condition = 0, yes = 0, no = 0] = costs
      setSize(expr, Math.max(sizeOf(args[1]), sizeOf(args[2])))
      return condition + Math.max(yes, no)
    }
    if (expr.name === '_?._') return (costs[0] ?? 0) + 1
    const operands = args.map(operandOf)
    const name = onTarget || !expr.target ? expr.name : (overloads[0]?.name ?? expr.name)
    const estimates = overloads.map(overload => estimateCall({ name, overload, operands, onTarget }))
    const results = estimates.flatMap(one => one.resultSize ?? [])
    if (results.length > 0) setSize(expr, Math.max(...results))
    if (expr.name === '_[_]') {
      const entry = args[0] && entryOf(args[0])
      if (entry) setSize(expr, entry.value)
    }
    return costs.reduce((sum, one) => sum + one, 0) + Math.max(0, ...estimates.map((one: Estimated) => one.cost))
  }

  function operandOf(expr: Expr): Operand {
    const type = checked.typeOf(expr)
    const literal = expr.kind === 'literal' ? expr.value : undefined
    const element = type.kind === 'list' ? type.element : undefined
    return { type, size: sizeOf(expr), literal, element, elementSize: entryOf(expr)?.value ?? element?.max ?? Infinity }
  }

  function costOfList(expr: ListExpr): number {
    const sum = expr.items.reduce((total, item) => total + cost(item.value), 0)
    entries.set(expr, { key: 1, value: Math.max(0, ...expr.items.map(item => sizeOf(item.value))) })
    return sum + listCost
  }

  function costOfMap(expr: MapExpr): number {
    const sum = expr.entries.reduce((total, { key, value }) => total + cost(key) + cost(value), 0)
    entries.set(expr, {
      key: Math.max(0, ...expr.entries.map(({ key }) => sizeOf(key))),
      value: Math.max(0, ...expr.entries.map(({ value }) => sizeOf(value))),
    })
    return sum + mapCost
  }

  function costOfFold(expr: Fold): number {
    const before = cost(expr.range) + cost(expr.init)
    const range = checked.typeOf(expr.range)
    const entry = entryOf(expr.range)
    const outer = new Map(locals).set(expr.accumulator, { size: undefined, entry: entryOf(expr.init) })
    const inner = new Map(outer)
    const first = expr.second !== undefined || range.kind !== 'list' ? entry?.key : entry?.value
    inner.set(expr.variable, { size: first, entry: undefined })
    if (expr.second !== undefined) inner.set(expr.second, { size: entry?.value, entry: undefined })
    const each = within(inner, () => cost(expr.condition) + cost(expr.step))
    const after = within(outer, () => cost(expr.result))
    const count = sizeOf(expr.range)
    if (expr.init.kind === 'literal') setSize(expr, 1)
    else {
      setSize(expr, count)
      const built = entries.get(expr.step)
      if (built) entries.set(expr, built)
    }
    return before + times(count, each) + after
  }

  /** A name for one value: nothing is repeated. */
  function costOfBinding(expr: Fold): number {
    const before = cost(expr.range) + cost(expr.init)
    const local = { size: known(expr.init), entry: entryOf(expr.init) }
    const after = within(new Map(locals).set(expr.accumulator, local), () => cost(expr.result))
    setSize(expr, sizeOf(expr.result))
    return before + after
  }

  function within<T>(scope: ReadonlyMap<string, Local>, visit: () => T): T {
    const outer = locals
    locals = scope
    const result = visit()
    locals = outer
    return result
  }

  function setSize(expr: Expr, size: number): void {
    sizes.set(expr, size)
  }

  function sizeOf(expr: Expr | undefined): number {
    return (expr && known(expr)) ?? Infinity
  }

  function known(expr: Expr): number | undefined {
    const computed = sizes.get(expr) ?? literalSize(expr)
    if (computed !== undefined) return computed
    const type = checked.typeOf(expr)
    const declared = type.max ?? scalarSize(type)
    if (declared !== undefined) return declared
    return expr.kind === 'ident' ? locals.get(expr.name)?.size : undefined
  }

  function entryOf(expr: Expr): Entry | undefined {
    return entries.get(expr) ?? (expr.kind === 'ident' ? locals.get(expr.name)?.entry : undefined)
  }
}

const hasFields = ({ kind }: Type) => kind === 'map' || kind === 'object' || kind === 'param'

function literalSize(expr: Expr): number | undefined {
  if (expr.kind === 'list') return expr.items.length
  if (expr.kind === 'map') return expr.entries.length
  if (expr.kind !== 'literal') return undefined
  if (typeof expr.value === 'string') return codePoints(expr.value)
  return expr.value !== null && typeof expr.value === 'object' && expr.value.kind === 'bytes'
    ? expr.value.data.length
    : 1
}

function scalarSize({ kind }: Type): number | undefined {
  return ['bool', 'int', 'uint', 'double', 'timestamp', 'duration', 'null'].includes(kind) ? 1 : undefined
}
