import type { MatchCondition } from '../../../../shared/api/admissionregistration.ts'
import { matchConditionsLimit } from '../../../../shared/machinery/cel/budget.ts'
import { compileIn } from '../../../resources/admissionregistration/expressions.ts'
import { createEvaluation, OutOfBudget, type Compiled, type Outcome } from './evaluation.ts'
import { variablesOf, type Subject } from './subject.ts'

interface Conditions {
  readonly conditions: readonly MatchCondition[]
  readonly failurePolicy: string | undefined
  /** Whether expressions may speak of params. */
  readonly params: boolean
}

/** Whether all conditions hold; a text says why that can't be told where such failures count. */
export type Met = boolean | string

/** Stored conditions are frozen and shared, so they are compiled once. */
const compiled = new WeakMap<readonly MatchCondition[], readonly Compiled[]>()

/**
 * Whether match conditions hold (admission/plugin/webhook/matchconditions): one that does not decides, whatever fails
 * beside it. `loadExpressions` has to be awaited before.
 */
export function conditionsMet({ conditions, failurePolicy, params }: Conditions, subject: Subject): Met {
  if (conditions.length === 0) return true
  const evaluation = createEvaluation({ variable: variablesOf(subject), limit: matchConditionsLimit })
  const failures: string[] = []
  try {
    const outcomes: Outcome[] = compiledOf(conditions, params).map(condition => evaluation.run(condition))
    if (outcomes.some(outcome => outcome.error === undefined && outcome.value === false)) return false
    for (const { error } of outcomes) if (error !== undefined) failures.push(error)
  } catch (error) {
    if (!(error instanceof OutOfBudget)) throw error
    failures.push(error.message)
  }
  if (failures.length === 0) return true
  if (failurePolicy === 'Ignore') return false
  return failures.length === 1 ? (failures[0] ?? '') : `[${failures.join(', ')}]`
}

function compiledOf(conditions: readonly MatchCondition[], params: boolean): readonly Compiled[] {
  const known = compiled.get(conditions)
  if (known) return known
  const scope = { params, authorizer: true }
  const made = conditions.map(({ expression }) => ({
    source: expression.trim(),
    compiled: compileIn(expression.trim(), { scope, types: ['bool'] }),
  }))
  compiled.set(conditions, made)
  return made
}
