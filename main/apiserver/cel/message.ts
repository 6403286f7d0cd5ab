import type { Budget } from '../../../shared/machinery/cel/budget.ts'
import type { Program } from '../../../shared/machinery/cel/plan.ts'
import { EvaluationError, type Value } from '../../../shared/machinery/cel/value.ts'

/** Bytes of a message that an expression may make (apiserver/pkg/apis/cel/config.go). */
const maxLength = 5 * 1024

/** The text that a message expression gives; undefined if it gives none that can be shown, and then another has to do. */
export function evaluateMessage(
  program: Program,
  variable: (name: string) => Value | undefined,
  budget: Budget,
): string | undefined {
  try {
    const value = program.evaluate(variable, budget)
    const text = typeof value === 'string' ? value.trim() : ''
    return text === '' || text.includes('\n') || Buffer.byteLength(text) > maxLength ? undefined : text
  } catch (error) {
    if (error instanceof EvaluationError) return undefined
    throw error
  }
}
