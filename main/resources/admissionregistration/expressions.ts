import type { StatusCause } from '../../../shared/api/object.ts'
import type * as admission from '../../../shared/machinery/cel/admission.ts'
import type { AdmissionExpression, AdmissionScope } from '../../../shared/machinery/cel/admission.ts'
import { invalid } from '../../../shared/machinery/field-errors.ts'
import { loadRe2 } from '../../../shared/machinery/re2.ts'

type Language = typeof admission

/** Loaded when there is an expression to look at: a cluster without policies and match conditions does without. */
let language: Language | undefined

/** Gets ready for expressions; to be awaited before an object of this group is validated or used. */
export async function loadExpressions(): Promise<Language> {
  await loadRe2()
  language ??= await import('../../../shared/machinery/cel/admission.ts')
  return language
}

interface Wanted {
  readonly scope: AdmissionScope
  /** Names of the types that it may have; none for any. */
  readonly types?: readonly string[]
}

export function compileIn(expression: string, { scope, types }: Wanted): AdmissionExpression {
  if (!language) throw new Error('expressions are not loaded')
  return language.compileExpression(expression, language.admissionEnvironment(scope), types)
}

/** What is wrong with an expression about requests. */
export function expressionFaults(expression: string, path: string, wanted: Wanted): StatusCause[] {
  const { fault } = compileIn(expression, wanted)
  return fault === undefined ? [] : [invalid(path, expression, fault)]
}
