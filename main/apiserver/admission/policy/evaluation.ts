import type { AdmissionExpression } from '../../../../shared/machinery/cel/admission.ts'
import { budgetOf } from '../../../../shared/machinery/cel/budget.ts'
import type { Program } from '../../../../shared/machinery/cel/plan.ts'
import { EvaluationError, type Struct, type Value } from '../../../../shared/machinery/cel/value.ts'

/** An expression as it is written, compiled. */
export interface Compiled {
  readonly source: string
  readonly compiled: AdmissionExpression
}

/** What an expression gives, or why it gives nothing. */
export type Outcome = { readonly value: Value; readonly error?: undefined } | { readonly error: string }

/** All expressions together have cost more than they may: none of them counts. */
export class OutOfBudget extends Error {
  override readonly name = 'OutOfBudget'

  constructor() {
    super('validation failed due to running out of cost budget, no further validation rules will be run')
  }
}

/** Evaluates expressions about one subject on one budget. */
export interface Evaluation {
  /** Throws OutOfBudget. */
  run(expression: Compiled): Outcome
}

interface Given {
  readonly variable: (name: string) => Value | undefined
  /** The variables of a policy, evaluated when an expression first asks for them. */
  readonly composed?: ReadonlyMap<string, Compiled>
  readonly limit: number
}

export function createEvaluation({ variable, composed, limit }: Given): Evaluation {
  let left = limit
  const known = new Map<string, Value>()
  const variables: Struct = {
    kind: 'struct',
    name: 'kubernetes.variables',
    fields: () => [...(composed?.keys() ?? [])],
    get(name) {
      const expression = composed?.get(name)
      if (!expression) return undefined
      const value = known.get(name) ?? composedValue(name, expression, program => attempt(program))
      known.set(name, value)
      return value
    },
  }
  const lookUp = (name: string) => (name === 'variables' ? variables : variable(name))

  function attempt(program: Program): Value | EvaluationError {
    const budget = budgetOf()
    try {
      return program.evaluate(lookUp, budget)
    } catch (error) {
      if (error instanceof EvaluationError) return error
      throw error
    } finally {
      left -= budget.spent
    }
  }

  return {
    run({ source, compiled }) {
      if (compiled.fault !== undefined) return { error: `compilation error: ${compiled.fault}` }
      const value = attempt(compiled.program)
      if (left < 0) throw new OutOfBudget()
      if (!(value instanceof EvaluationError)) return { value }
      return { error: `expression '${source}' resulted in error: ${value.message}` }
    },
  }
}

function composedValue(
  name: string,
  { compiled }: Compiled,
  attempt: (program: Program) => Value | EvaluationError,
): Value {
  const failed = (why: string) => new EvaluationError(`composited variable ${JSON.stringify(name)} ${why}`)
  if (compiled.fault !== undefined) throw failed(`fails to compile: ${compiled.fault}`)
  const value = attempt(compiled.program)
  if (value instanceof EvaluationError) throw failed(`fails to evaluate: ${value.message}`)
  return value
}
