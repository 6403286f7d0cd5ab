import { childrenOf, type Expr } from '../../../shared/machinery/cel/ast.ts'
import type { Checked } from '../../../shared/machinery/cel/checker.ts'
import { compile, type Compilation } from '../../../shared/machinery/cel/compile.ts'
import { estimateCost } from '../../../shared/machinery/cel/estimate.ts'
import { baseFunctions } from '../../../shared/machinery/cel/library.ts'
import type { Program } from '../../../shared/machinery/cel/plan.ts'
import { typeOfSchema } from '../../../shared/machinery/cel/schema-type.ts'
import { optionalType, type Type } from '../../../shared/machinery/cel/type.ts'
import type { Schema, ValidationRule } from '../../../shared/machinery/schema.ts'

/** A compiled expression of a rule: the most it can cost, or why it is none. */
export type RuleExpression =
  { readonly program: Program; readonly maxCost: number; readonly fault?: undefined } | { readonly fault: string }

/** A rule of a schema (apiextensions-apiserver/pkg/apiserver/schema/cel/compilation.go). */
export interface RuleProgram {
  readonly rule: ValidationRule
  readonly condition: RuleExpression
  readonly message?: RuleExpression
  /** A transition rule: it holds for changes only, unless it says that it can do without the old value. */
  readonly usesOldSelf: boolean
}

/** Compiles the rules that stand right at a schema. `root`: it is that of a whole resource. */
export function compileRules(schema: Schema, root: boolean): RuleProgram[] {
  const rules = schema['x-kubernetes-validations'] ?? []
  if (rules.length === 0) return []
  const self = typeOfSchema(schema, { name: 'selfType', root })
  // Of values without a type nothing can be said.
  return self ? rules.filter(({ rule }) => rule.trim() !== '').map(rule => compileRule(rule, self)) : []
}

function compileRule(rule: ValidationRule, self: Type): RuleProgram {
  const oldSelf = rule.optionalOldSelf === true ? optionalType(self) : self
  const environment = { variables: { self, oldSelf }, functions: baseFunctions() }
  const compiled = compile(rule.rule, environment)
  const condition = expressionOf(compiled, 'bool', { wrong: 'cel expression must evaluate to a bool', prefix: '' })
  const usesOldSelf = compiled.program !== undefined && speaksOf(compiled.expr, compiled.checked, 'oldSelf')
  if (!rule.messageExpression || condition.fault !== undefined) return { rule, condition, usesOldSelf }
  const text = compile(rule.messageExpression, environment)
  const wrong = 'messageExpression must evaluate to a string'
  return {
    rule,
    condition,
    usesOldSelf,
    message: expressionOf(text, 'string', { wrong, prefix: 'messageExpression ' }),
  }
}

function expressionOf(
  compiled: Compilation,
  wanted: Type['kind'],
  { wrong, prefix }: { wrong: string; prefix: string },
): RuleExpression {
  if (compiled.fault !== undefined) return { fault: prefix + compiled.fault }
  if (compiled.type.kind !== wanted) return { fault: wrong }
  return { program: compiled.program, maxCost: estimateCost(compiled.expr, compiled.checked).max }
}

function speaksOf(expr: Expr, checked: Checked, name: string): boolean {
  return checked.nameOf(expr) === name || childrenOf(expr).some(child => speaksOf(child, checked, name))
}
