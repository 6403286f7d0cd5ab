import {
  qualifiedName,
  type Call,
  type Expr,
  type Fold,
  type ListExpr,
  type MapExpr,
  type Select,
  type StructExpr,
} from './ast.ts'
import { charge, type Budget } from './budget.ts'
import { callCost, listCost, mapCost, structCost } from './call-cost.ts'
import type { Checked } from './checker.ts'
import { constantOf } from './constants.ts'
import { createMembership } from './equality.ts'
import { isPresent, optionalField, selectField } from './fields.ts'
import { foldItems, growing, grow } from './fold-items.ts'
import {
  conditional,
  discounted,
  elementOf,
  free,
  logical,
  noSuchOverload,
  notStrictlyFalse,
  orElse,
  type Step,
} from './steps.ts'
import type { Type } from './type.ts'
import { EvaluationError, itemsOf, listOf, mapOf, type Value } from './value.ts'

/** An expression that is ready to run. */
export interface Program {
  /** `variable` gives the variables by name. Throws EvaluationErrors; what it costs is charged to `budget`. */
  evaluate(variable: (name: string) => Value | undefined, budget: Budget): Value
}

/** Where the locals of macros are in a frame. */
type Slots = ReadonlyMap<string, number>

/** Turns a checked expression into functions that call each other (cel-go, interpreter/planner.go). */
export function plan(root: Expr, checked: Checked): Program {
  const run = step(root, new Map())
  return { evaluate: (variable, budget) => run({ variable, budget, locals: [] }) }

  function step(expr: Expr, slots: Slots): Step {
    const constant = constantOf(expr, checked)
    if (constant !== undefined) return () => constant
    switch (expr.kind) {
      case 'literal':
        return () => expr.value
      case 'ident':
        return ident(expr, expr.name, slots)
      case 'select':
        return select(expr, slots)
      case 'call':
        return call(expr, slots)
      case 'list':
        return list(expr, slots)
      case 'map':
        return map(expr, slots)
      case 'struct':
        return struct(expr, slots)
      case 'fold':
        return fold(expr, slots)
    }
  }

  function ident(expr: Expr, written: string, slots: Slots): Step {
    const slot = slots.get(written)
    if (slot !== undefined) {
      return frame => {
        charge(frame.budget, 1)
        const value = frame.locals[slot] ?? null
        if (value instanceof EvaluationError) throw value
        return value
      }
    }
    const type = checked.typeOf(expr)
    const name = checked.nameOf(expr) ?? written
    if (type.kind === 'type') {
      const value: Value = { kind: 'type', name }
      return () => value
    }
    return frame => {
      charge(frame.budget, 1)
      const value = frame.variable(name)
      if (value === undefined) throw new EvaluationError(`no such attribute(s): ${name}`)
      return value
    }
  }

  function select(expr: Select, slots: Slots): Step {
    if (checked.nameOf(expr) !== undefined) return ident(expr, qualifiedName(expr) ?? '', slots)
    const operand = step(expr.operand, slots)
    const { field, test } = expr
    if (test) return frame => isPresent(operand(frame), field)
    return frame => {
      const value = operand(frame)
      charge(frame.budget, 1)
      return selectField(value, field)
    }
  }

  function call(expr: Call, slots: Slots): Step {
    const { onTarget, overloads } = checked.callOf(expr)
    const args = [...(expr.target && onTarget ? [expr.target] : []), ...expr.args].map(arg => step(arg, slots))
    const [, key] = expr.args
    if (expr.name === '_[_]' && args[1] && (key?.kind === 'ident' || key?.kind === 'select')) args[1] = free(args[1])
    const [first, second, third] = args
    if (first && second) {
      if (expr.name === '_&&_') return logical(first, second, false)
      if (expr.name === '_||_') return logical(first, second, true)
      if (expr.name === '_?._') return optionalSelect(first, second)
      if (third && expr.name === '_?_:_')
        return conditional(first, branch(expr.args[1], second), branch(expr.args[2], third))
      const special = accumulates(expr, slots) ?? inConstants(expr, first)
      if (special) return special
    }
    if (first && expr.name === '@not_strictly_false') return notStrictlyFalse(first)
    if (expr.target && onTarget && expr.args.length === 1 && (expr.name === 'orValue' || expr.name === 'or')) {
      return orElse(expr.name, first as Step, second as Step)
    }
    return frame => {
      const values = args.map(arg => arg(frame))
      const overload = overloads.find(one => one.args.every((type, i) => accepts(type, values[i] ?? null)))
      if (!overload) throw noSuchOverload(expr.name, values)
      charge(frame.budget, callCost(overload, values))
      return overload.call(...values)
    }
  }

  /** `accumulator + [item]` of a macro: the list that the loop builds is no one else's yet and grows in place. */
  function accumulates(expr: Call, slots: Slots): Step | undefined {
    const [list, added] = expr.args
    if (expr.name !== '_+_' || list?.kind !== 'ident' || list.name !== '@result' || added?.kind !== 'list')
      return undefined
    const [item, another] = added.items
    const slot = slots.get(list.name)
    if (!item || another || slot === undefined) return undefined
    const value = step(item.value, slots)
    return frame => {
      charge(frame.budget, 2 + listCost)
      const sofar = frame.locals[slot] ?? null
      if (sofar instanceof EvaluationError) throw sofar
      return grow(sofar, value(frame))
    }
  }

  /** `value in [constants]`: looked up, not gone through. */
  function inConstants(expr: Call, value: Step): Step | undefined {
    const container = expr.name === '@in' && expr.args[1] ? constantOf(expr.args[1], checked) : undefined
    if (container === undefined || container === null || typeof container !== 'object' || container.kind !== 'list')
      return undefined
    const set = createMembership()
    for (const item of itemsOf(container)) set.add(item)
    return frame => {
      charge(frame.budget, 1)
      return set.has(value(frame))
    }
  }

  /** Of the path that a choice leads to its first name is not charged. */
  function branch(expr: Expr | undefined, run: Step): Step {
    return expr?.kind === 'ident' || (expr?.kind === 'select' && !expr.test) ? discounted(run) : run
  }

  function optionalSelect(operand: Step, field: Step): Step {
    return frame => {
      charge(frame.budget, 1)
      return optionalField(operand(frame), field(frame))
    }
  }

  function list({ items }: ListExpr, slots: Slots): Step {
    const parts = items.map(({ value, optional }) => elementOf(step(value, slots), optional))
    return frame => {
      charge(frame.budget, listCost)
      return listOf(parts.map(part => part(frame)).filter(value => value !== undefined))
    }
  }

  function map({ entries }: MapExpr, slots: Slots): Step {
    const parts = entries.map(
      ({ key, value, optional }) => [step(key, slots), elementOf(step(value, slots), optional)] as const,
    )
    return frame => {
      charge(frame.budget, mapCost)
      const pairs: [Value, Value][] = []
      for (const [key, part] of parts) {
        const name = key(frame)
        const value = part(frame)
        if (value !== undefined) pairs.push([name, value])
      }
      return mapOf(pairs)
    }
  }

  function struct({ name, fields }: StructExpr, slots: Slots): Step {
    const parts = fields.map(field => [field.name, elementOf(step(field.value, slots), field.optional)] as const)
    return frame => {
      charge(frame.budget, structCost)
      const values = new Map<string, Value>()
      for (const [field, part] of parts) {
        const value = part(frame)
        if (value !== undefined) values.set(field, value)
      }
      return { kind: 'struct', name, get: field => values.get(field), fields: () => [...values.keys()] }
    }
  }

  function fold(expr: Fold, slots: Slots): Step {
    const range = step(expr.range, slots)
    const init = step(expr.init, slots)
    // Each local has a place of its own for as long as its loop runs.
    const base = slots.size === 0 ? 0 : Math.max(...slots.values()) + 1
    const [result, first, second] = [base, base + 1, base + 2]
    const outer = new Map(slots).set(expr.accumulator, result)
    const inner = new Map(outer).set(expr.variable, first)
    if (expr.second !== undefined) inner.set(expr.second, second)
    const condition = step(expr.condition, inner)
    const next = step(expr.step, inner)
    const finish = step(expr.result, outer)
    const always = expr.condition.kind === 'literal' && expr.condition.value === true
    return frame => {
      const { locals } = frame
      const items = foldItems(range(frame), expr.second !== undefined)
      locals[result] = growing(init(frame))
      for (const [key, value] of items) {
        locals[first] = key
        locals[second] = value
        if (!always && condition(frame) !== true) break
        try {
          locals[result] = next(frame)
        } catch (error) {
          // `all` and `exists` go on: another element may decide.
          if (always || !(error instanceof EvaluationError) || error.cancelled) throw error
          locals[result] = error
        }
      }
      return finish(frame)
    }
  }
}

/** Whether a value is of a type as far as one look tells; what lists and maps hold is looked at when it is used. */
function accepts(type: Type, value: Value): boolean {
  switch (type.kind) {
    case 'int':
      return typeof value === 'bigint'
    case 'double':
      return typeof value === 'number'
    case 'bool':
      return typeof value === 'boolean'
    case 'string':
      return typeof value === 'string'
    case 'null':
      return value === null
    case 'dyn':
    case 'error':
    case 'param':
      return true
    default:
      return value !== null && typeof value === 'object' && acceptsObject(type, value)
  }
}

function acceptsObject(type: Type, value: Exclude<Value, null | boolean | bigint | number | string>): boolean {
  if (type.kind === 'object') return value.kind === 'struct'
  if (type.kind !== 'opaque') return value.kind === type.kind
  return type.name === 'optional_type'
    ? value.kind === 'optional'
    : value.kind === 'opaque' && value.type.name === type.name
}
