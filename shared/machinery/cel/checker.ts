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
import { typeIdentifier, type Environment } from './environment.ts'
import type { Overload } from './functions.ts'
import type { Issue } from './issues.ts'
import * as types from './type.ts'
import { dyn, errorType, formatType, type Type } from './type.ts'
import { createUnifier } from './unify.ts'

/** What the checker has found out about an expression. */
export interface Checked {
  readonly type: Type
  readonly issues: readonly Issue[]
  typeOf(expr: Expr): Type
  /** The overloads that a call may mean, and whether its target is a value or the namespace of the function. */
  callOf(call: Call): { overloads: readonly Overload[]; onTarget: boolean }
  /** The variable or type that a chain of names stands for as a whole. */
  nameOf(expr: Expr): string | undefined
}

type Scope = ReadonlyMap<string, Type>

/** Infers the type of each part of an expression (cel-go, checker/checker.go). Never throws: what is wrong becomes an issue. */
export function check(root: Expr, environment: Environment): Checked {
  const unifier = createUnifier()
  const inferred = new Map<Expr, Type>()
  const calls = new Map<Call, { overloads: Overload[]; onTarget: boolean }>()
  const names = new Map<Expr, string>()
  const issues: Issue[] = []
  let formatting = 0

  const type = unifier.resolve(visit(root, new Map()))
  return {
    type,
    issues,
    typeOf: expr => unifier.resolve(inferred.get(expr) ?? dyn),
    callOf: call => calls.get(call) ?? { overloads: [], onTarget: true },
    nameOf: expr => names.get(expr),
  }

  function fail(at: number, message: string): Type {
    issues.push({ at, message })
    return errorType
  }

  function visit(expr: Expr, scope: Scope): Type {
    const found = infer(expr, scope)
    inferred.set(expr, found)
    return found
  }

  function infer(expr: Expr, scope: Scope): Type {
    switch (expr.kind) {
      case 'literal':
        return literalType(expr.value)
      case 'ident':
        return lookUp(expr, expr.name, scope) ?? undeclared(expr.at, expr.name)
      case 'select':
        return select(expr, scope)
      case 'call':
        return call(expr, scope)
      case 'list':
        return list(expr, scope)
      case 'map':
        return map(expr, scope)
      case 'struct':
        return struct(expr, scope)
      case 'fold':
        return fold(expr, scope)
    }
  }

  /** Remembers what the name means. */
  function lookUp(expr: Expr, written: string, scope: Scope): Type | undefined {
    const local = scope.get(written)
    if (local) return local
    const name = written.replace(/^\./, '')
    const { variables } = environment
    const found = Object.hasOwn(variables, name) ? variables[name] : typeIdentifier(environment, name)
    if (found) names.set(expr, name)
    return found
  }

  function undeclared(at: number, name: string): Type {
    return fail(at, `undeclared reference to '${name}' (in container '')`)
  }

  function select(expr: Select, scope: Scope): Type {
    const whole = expr.test ? undefined : qualifiedName(expr)
    if (whole !== undefined && !scope.has(whole.split('.')[0] ?? '')) {
      const found = lookUp(expr, whole, scope)
      if (found) return found
    }
    const operand = unifier.substitute(visit(expr.operand, scope))
    const field = fieldType(types.unwrapOptional(operand), expr, expr.field)
    if (expr.test) return types.bool
    return types.isOptional(operand) ? types.optionalType(field) : field
  }

  function fieldType(operand: Type, { at }: Expr, field: string): Type {
    switch (operand.kind) {
      case 'map':
        return operand.value
      case 'object':
        return operand.field(field) ?? fail(at, `undefined field '${field}'`)
      case 'param':
      case 'dyn':
      case 'error':
        return dyn
      default:
        return fail(at, `type '${formatType(operand)}' does not support field selection`)
    }
  }

  function call(expr: Call, scope: Scope): Type {
    const { name, target, args } = expr
    if (name === '_?._') return optionalSelect(expr, scope)
    if (target) {
      const namespace = qualifiedName(target)
      const root = namespace?.split('.')[0] ?? ''
      const full = `${(namespace ?? '').replace(/^\./, '')}.${name}`
      if (namespace !== undefined && !scope.has(root) && environment.functions.has(full)) {
        const given = args.map(arg => visit(arg, scope))
        return resolve(expr, { name: full, given, onTarget: false })
      }
    }
    if (name === 'format') formatting++
    const given = [...(target ? [target] : []), ...args].map(arg => visit(arg, scope))
    if (name === 'format') formatting--
    const plain = name.replace(/^\./, '')
    if (!environment.functions.has(plain)) return undeclared(expr.at, plain)
    return resolve(expr, { name: plain, given, onTarget: target !== undefined })
  }

  function resolve(expr: Call, { name, given, onTarget }: { name: string; given: Type[]; onTarget: boolean }): Type {
    const overloads: Overload[] = []
    let result: Type | undefined
    for (const overload of environment.functions.get(name) ?? []) {
      if (overload.method !== onTarget || overload.args.length !== given.length) continue
      const [own = dyn, ...wanted] = unifier.instantiate([overload.result, ...overload.args])
      if (!unifier.assignable(given, wanted)) continue
      overloads.push(overload)
      const one = unifier.substitute(own)
      result = result === undefined || formatType(result) === formatType(one) ? one : dyn
    }
    calls.set(expr, { overloads, onTarget })
    if (result) return result
    const shown = given.map(one => formatType(unifier.resolve(one)))
    // Faults inside of the arguments have been told.
    if (given.some(one => one.kind === 'error')) return errorType
    const form = onTarget ? `${shown[0] ?? ''}.(${shown.slice(1).join(', ')})` : `(${shown.join(', ')})`
    return fail(expr.at, `found no matching overload for '${name}' applied to '${form}'`)
  }

  /** `a.?b`, and `a.b` of an optional. */
  function optionalSelect(expr: Call, scope: Scope): Type {
    const [operand, field] = expr.args
    if (!operand || field?.kind !== 'literal' || typeof field.value !== 'string') return errorType
    inferred.set(field, types.string)
    const type = unifier.substitute(visit(operand, scope))
    return types.optionalType(fieldType(types.unwrapOptional(type), expr, field.value))
  }

  /** The one type of the elements of a literal: Kubernetes insists on one, but for what is to be formatted. */
  function common(sofar: Type | undefined, type: Type, at: number): Type {
    if (sofar === undefined) return type
    const joined = unifier.join(sofar, type)
    if (joined) return joined
    if (formatting > 0) return dyn
    return fail(
      at,
      `expected type '${formatType(unifier.resolve(sofar))}' but found '${formatType(unifier.resolve(type))}'`,
    )
  }

  function element(value: Expr, optional: boolean, scope: Scope): Type {
    const type = unifier.substitute(visit(value, scope))
    if (!optional) return type
    if (types.isOptional(type)) return types.unwrapOptional(type)
    return type.kind === 'dyn'
      ? dyn
      : fail(value.at, `expected type 'optional_type(${formatType(type)})' but found '${formatType(type)}'`)
  }

  function list(expr: ListExpr, scope: Scope): Type {
    let type: Type | undefined
    for (const { value, optional } of expr.items) type = common(type, element(value, optional, scope), value.at)
    return types.listType(type ?? unifier.fresh())
  }

  function map(expr: MapExpr, scope: Scope): Type {
    let keys: Type | undefined
    let values: Type | undefined
    for (const { key, value, optional } of expr.entries) {
      keys = common(keys, visit(key, scope), key.at)
      values = common(values, element(value, optional, scope), value.at)
    }
    return types.mapType(keys ?? unifier.fresh(), values ?? unifier.fresh())
  }

  function struct(expr: StructExpr, scope: Scope): Type {
    const type = environment.struct?.(expr.name)
    if (!type) undeclared(expr.at, expr.name)
    for (const { name, value, optional, at } of expr.fields) {
      const given = element(value, optional, scope)
      if (!type) continue
      const wanted = type.field(name)
      if (!wanted) fail(at, `undefined field '${name}'`)
      else if (!unifier.assignable([given], [wanted])) {
        fail(
          at,
          `expected type of field '${name}' is '${formatType(wanted)}' but provided type is '${formatType(unifier.resolve(given))}'`,
        )
      }
    }
    return type ?? errorType
  }

  function fold(expr: Fold, scope: Scope): Type {
    const range = unifier.substitute(visit(expr.range, scope))
    const [key, value] = iterated(expr.range, range)
    const accumulated = visit(expr.init, scope)
    const outer = new Map(scope).set(expr.accumulator, accumulated)
    const inner = new Map(outer)
    if (expr.second === undefined) inner.set(expr.variable, range.kind === 'list' ? value : key)
    else inner.set(expr.variable, key).set(expr.second, value)
    assignable(expr.condition.at, visit(expr.condition, inner), types.bool)
    assignable(expr.step.at, visit(expr.step, inner), accumulated)
    return unifier.substitute(visit(expr.result, outer))
  }

  /** The types of the keys (or indexes) and values that a loop goes through. */
  function iterated(expr: Expr, range: Type): [Type, Type] {
    switch (range.kind) {
      case 'list':
        return [types.int, range.element]
      case 'map':
        return [range.key, range.value]
      case 'dyn':
      case 'error':
      case 'param':
        return [dyn, dyn]
      default: {
        const why = `expression of type '${formatType(range)}' cannot be range of a comprehension (must be list, map, or dynamic)`
        fail(expr.at, why)
        return [errorType, errorType]
      }
    }
  }

  function assignable(at: number, given: Type, wanted: Type): void {
    if (unifier.assignable([given], [wanted])) return
    fail(at, `expected type '${formatType(unifier.resolve(wanted))}' but found '${formatType(unifier.resolve(given))}'`)
  }
}

function literalType(value: unknown): Type {
  switch (typeof value) {
    case 'boolean':
      return types.bool
    case 'bigint':
      return types.int
    case 'number':
      return types.double
    case 'string':
      return types.string
    default:
      if (value === null) return types.nullType
      return (value as { kind: string }).kind === 'uint' ? types.uint : types.bytes
  }
}
