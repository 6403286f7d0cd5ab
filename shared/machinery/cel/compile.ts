import { childrenOf, type Expr } from './ast.ts'
import { check, type Checked } from './checker.ts'
import type { Environment } from './environment.ts'
import { formatIssues, type Issue } from './issues.ts'
import { ParseError } from './lexer.ts'
import { compilePattern } from './lib/regex.ts'
import { parseDuration, parseInstant } from './lib/time.ts'
import { parse } from './parser.ts'
import { plan, type Program } from './plan.ts'
import type { Type } from './type.ts'
import { EvaluationError } from './value.ts'

/** An expression that can run, or why it can't, as upstream words it. */
export type Compilation =
  | {
      readonly program: Program
      readonly type: Type
      readonly expr: Expr
      readonly checked: Checked
      readonly fault?: undefined
    }
  | { readonly fault: string; readonly program?: undefined }

/** Parses, checks and plans an expression. */
export function compile(source: string, environment: Environment): Compilation {
  const parsed = parseOrFault(source)
  if ('fault' in parsed) return parsed
  const { expr } = parsed
  const checked = check(expr, environment)
  const issues = checked.issues.length > 0 ? checked.issues : literalIssues(expr)
  if (issues.length > 0) return { fault: `compilation failed: ${formatIssues(source, issues)}` }
  const { type } = checked
  try {
    return { program: plan(expr, checked), type, expr, checked }
  } catch (error) {
    // A conversion of a constant that can't be made.
    if (error instanceof EvaluationError) return { fault: `program instantiation failed: ${error.message}` }
    throw error
  }
}

function parseOrFault(source: string): { expr: Expr } | { fault: string } {
  try {
    return { expr: parse(source) }
  } catch (error) {
    if (error instanceof ParseError) return { fault: `compilation failed: ${formatIssues(source, [error.issue])}` }
    throw error
  }
}

/** Patterns, durations and instants that are written out must be good ones (cel-go, cel/validator.go). */
function literalIssues(root: Expr): Issue[] {
  const issues: Issue[] = []
  const seen = new Set<Expr>()
  const pending = [root]
  for (let expr = pending.pop(); expr; expr = pending.pop()) {
    if (seen.has(expr)) continue
    seen.add(expr)
    pending.push(...childrenOf(expr))
    if (expr.kind !== 'call') continue
    const literal = expr.args[expr.args.length - 1]
    if (literal?.kind !== 'literal' || typeof literal.value !== 'string') continue
    const wrong = badLiteral(expr.name, literal.value)
    if (wrong) issues.push({ at: literal.at, message: `invalid ${expr.name} argument` })
  }
  return issues
}

function badLiteral(name: string, text: string): boolean {
  try {
    if (name === 'matches') compilePattern(text)
    if (name === 'duration') return parseDuration(text) === undefined
    return name === 'timestamp' && parseInstant(text) === undefined
  } catch (error) {
    if (error instanceof EvaluationError) return true
    throw error
  }
}
