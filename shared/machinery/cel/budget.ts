import { EvaluationError } from './value.ts'

/** Upstream's bound of one expression, about a tenth of a second there (apiserver/pkg/apis/cel/config.go). */
export const perCallLimit = 1_000_000
/** Of all rules of one object, or of one policy with its binding. */
export const totalLimit = 10_000_000
/** Of all match conditions of one webhook or policy. */
export const matchConditionsLimit = 2_500_000

/** What an evaluation may still cost, and has cost. */
export interface Budget {
  spent: number
  readonly limit: number
}

export const budgetOf = (limit: number = perCallLimit): Budget => ({ spent: 0, limit })

/** Throws once the evaluation has cost more than it may: no operator may catch that. */
export function charge(budget: Budget, cost: number): void {
  budget.spent += cost
  if (budget.spent > budget.limit) throw new EvaluationError('operation cancelled: actual cost limit exceeded', true)
}
