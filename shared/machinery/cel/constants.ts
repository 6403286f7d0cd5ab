import type { Call, Expr } from './ast.ts'
import type { Checked } from './checker.ts'
import { listOf, mapOf, type Value } from './value.ts'

/** Functions of the language that turn one value into another: of constants they are constants. */
const conversions = new Set('bool bytes double duration dyn int string timestamp type uint'.split(' '))

/**
 * The value of an expression that is the same in every evaluation, or undefined: upstream computes it once and charges
 * nothing for it (cel-go, interpreter/decorators.go). Throws EvaluationErrors of conversions.
 */
export function constantOf(expr: Expr, checked: Checked): Value | undefined {
  switch (expr.kind) {
    case 'literal':
      return expr.value
    case 'list': {
      if (expr.items.some(item => item.optional)) return undefined
      const items = allConstant(
        expr.items.map(item => item.value),
        checked,
      )
      return items && listOf(items)
    }
    case 'map': {
      if (expr.entries.some(entry => entry.optional)) return undefined
      const keys = allConstant(
        expr.entries.map(entry => entry.key),
        checked,
      )
      const values = allConstant(
        expr.entries.map(entry => entry.value),
        checked,
      )
      return keys && values && mapOf(keys.map((key, i) => [key, values[i] ?? null] as const))
    }
    case 'call':
      return conversion(expr, checked)
    default:
      return undefined
  }
}

function allConstant(exprs: readonly Expr[], checked: Checked): Value[] | undefined {
  const values: Value[] = []
  for (const expr of exprs) {
    const value = constantOf(expr, checked)
    if (value === undefined) return undefined
    values.push(value)
  }
  return values
}

function conversion(expr: Call, checked: Checked): Value | undefined {
  if (expr.target || !conversions.has(expr.name)) return undefined
  const { overloads } = checked.callOf(expr)
  const [overload, another] = overloads
  const values = allConstant(expr.args, checked)
  return overload && !another && values ? overload.call(...values) : undefined
}
